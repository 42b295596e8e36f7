//! What a store's faults say to people: what happened, then one thing to do.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A URL that is no store.
    store_url(url) {
        en: "`{url}` is no archive store; correct its address in the configuration",
        zh: "“{url}”不是可用的存储地址，请在配置里改正"
    }
    /// A path that no archive has.
    store_path(path) {
        en: "`{path}` cannot be the name of an archive's file",
        zh: "“{path}”不能作存储里的文件名"
    }
    /// A medium that is not mounted.
    store_not_mounted(store) {
        en: "the medium of {store} is not there; plug it in, or check its mount",
        zh: "找不到存储盘（{store}），请插好U盘或硬盘，或检查挂载"
    }
    /// No connection.
    store_unreachable(store) {
        en: "the store {store} cannot be reached; this usually passes, after a day ask the network's owner",
        zh: "连不上存储服务器（{store}），通常会自动恢复；超过一天请联系网管"
    }
    /// A connection that broke.
    store_interrupted(store) {
        en: "the connection to {store} broke on the way; it is tried again by itself",
        zh: "与存储服务器（{store}）的连接中途断了，会自动重试，不用操作"
    }
    /// A time-out.
    store_timed_out(store) {
        en: "{store} takes too long; it is tried again by itself, if it happens daily check network and store",
        zh: "存储（{store}）太久没有回应，会自动重试；若每天如此，请检查网络和存储"
    }
    /// A certificate that has ended.
    store_tls_expired(store) {
        en: "the certificate of {store} has ended; check the box's clock first, then ask the store's owner to renew it",
        zh: "存储服务器（{store}）的证书已过期，请先看盒子的时间对不对，对的话请管理员更换证书"
    }
    /// A certificate that has not begun.
    store_tls_not_yet_valid(store) {
        en: "by the box's clock the certificate of {store} is not valid yet; the clock is probably behind, set it right",
        zh: "存储服务器（{store}）的证书还没到生效时间，多半是盒子的时间慢了，请校正时间"
    }
    /// A certificate for another name.
    store_tls_wrong_name(store) {
        en: "the certificate of {store} is for another name; correct the address in the configuration",
        zh: "存储服务器（{store}）的证书与地址不符，请核对配置里的地址"
    }
    /// A certificate of nobody known.
    store_tls_unknown_issuer(store) {
        en: "nobody known has signed the certificate of {store}; if it is your own authority's, name its file with `ca`",
        zh: "存储服务器（{store}）的证书不是可信机构签发的；若是自建证书，请在配置里用 ca 指定证书文件"
    }
    /// A certificate of this box is wanted.
    store_tls_client_certificate(store) {
        en: "{store} does not accept this box's certificate; check `client_certificate` in the configuration",
        zh: "存储服务器（{store}）不认盒子的证书，请检查配置里的 client_certificate"
    }
    /// No TLS at all.
    store_tls_none(store) {
        en: "what answers at {store} speaks no TLS; check scheme and port in the configuration",
        zh: "存储服务器（{store}）没有使用加密连接，请核对配置里的协议和端口"
    }
    /// Any other fault of TLS.
    store_tls(store) {
        en: "no secure connection to {store} comes about; check the box's clock and the store's certificate",
        zh: "无法与存储服务器（{store}）建立加密连接，请检查盒子的时间和对方的证书"
    }
    /// Two clocks too far apart.
    store_clock_skew(store, server, here) {
        en: "the box's clock is wrong: {store} says {server}, the box says {here}; open the box's page and set the time",
        zh: "盒子的时间不对：存储服务器（{store}）是 {server}，盒子是 {here}；请打开盒子网页校正时间"
    }
    /// No such bucket.
    store_no_bucket(store) {
        en: "there is no bucket {store}; create it, or correct name, region and endpoint in the configuration",
        zh: "没有这个存储桶（{store}），请先创建，或核对配置里的名称、region 和 endpoint"
    }
    /// No keys or password.
    store_credentials(store) {
        en: "the keys for {store} are not there or cannot be read; put their file where the configuration says",
        zh: "存储（{store}）的密钥文件缺失或无法读取，请按配置里的位置放好"
    }
    /// A certificate of this side that cannot be used.
    store_certificate(path) {
        en: "the certificate file {path} cannot be used; give a PEM file",
        zh: "证书文件 {path} 无法使用，请换成 PEM 格式的文件"
    }
    /// A sign-in page.
    store_portal(store) {
        en: "this network wants a sign-in before {store} can be reached; sign in, or ask the network's owner to let the box pass",
        zh: "上网要先登录认证，还连不到存储服务器（{store}）；请登录，或请网管放行这台盒子"
    }
    /// A redirect.
    store_moved(store, to) {
        en: "{store} has moved to {to}; put the new address into the configuration",
        zh: "存储（{store}）已搬到 {to}，请在配置里改成新地址"
    }
    /// No rights.
    store_refused(store) {
        en: "{store} refuses the box; its keys or password are wrong or have ended, ask the store's owner for new ones",
        zh: "存储（{store}）拒绝了盒子，密钥或密码不对、已过期或没有权限；请向管理员要新的"
    }
    /// Something that it does not take.
    store_rejected(store) {
        en: "{store} does not take the file; check in the configuration that address and kind of store are right",
        zh: "存储（{store}）不接受这个文件，请核对配置里的地址和存储类型"
    }
    /// Something that it cannot do.
    store_unsupported(store) {
        en: "{store} cannot list its files; nothing to do, they are asked for one by one",
        zh: "存储（{store}）不能列出文件，不用处理，会逐个查询"
    }
    /// No room.
    store_no_room(store) {
        en: "{store} is full; delete what is no longer needed there, or enlarge it",
        zh: "存储（{store}）满了，请清理不用的内容或扩容"
    }
    /// Its own trouble.
    store_server_fault(store) {
        en: "{store} has trouble of its own; it is tried again by itself, after a day ask the store's owner",
        zh: "存储服务器（{store}）自身出错，会自动重试；超过一天请联系管理员"
    }
    /// A file too large.
    store_too_large(store, path) {
        en: "`{path}` at {store} is too large to be part of a lesson; somebody else has put it there",
        zh: "存储（{store}）里的“{path}”过大，不是课的文件，可能是别人放的"
    }
    /// A disk's fault.
    store_io(store) {
        en: "{store} cannot be read or written; the disk may be failing, try another one",
        zh: "存储（{store}）读写出错，盘可能坏了，请换一块试试"
    }

    // ---- `[[archive]]` of the configuration ----

    /// A mount point that is not above the folder.
    config_mount_point() {
        en: "the folder of this store does not lie on what is mounted there",
        zh: "这个存储的文件夹不在该挂载点之内"
    }
    /// Remedy of [`config_mount_point`].
    config_mount_point_remedy() {
        en: "write where the medium of a file:/// store is mounted: the folder itself or one above it, for example mount_point = \"/media/archive\"",
        zh: "只用于 file:/// 存储：请写盘的挂载点，即文件夹本身或它的上级，例如 mount_point = \"/media/archive\""
    }
    /// A key that only S3 knows.
    config_only_s3(key) {
        en: "`{key}` means something to s3:// stores only",
        zh: "`{key}` 只用于 s3:// 存储"
    }
    /// Remedy of [`config_only_s3`].
    config_only_s3_remedy(key) {
        en: "remove `{key}`, or write url = \"s3://bucket/folder\"",
        zh: "请删掉 `{key}`，或把 url 写成 \"s3://存储桶/文件夹\""
    }
    /// An S3 store without keys.
    config_no_credentials() {
        en: "an s3:// store needs keys",
        zh: "s3:// 存储需要密钥"
    }
    /// Something that is no reference.
    config_credentials() {
        en: "keys and passwords do not stand in the configuration, only the place of their file does",
        zh: "密钥和密码不能直接写在配置里，只能写它所在的文件"
    }
    /// Remedy of both.
    config_credentials_remedy() {
        en: "write credentials = \"credential:NAME\" (systemd) or \"file:/path\"",
        zh: "请写 credentials = \"credential:名称\"（systemd）或 \"file:/路径\""
    }
    /// A style that there is not.
    config_style(found) { en: "there is no style `{found}`", zh: "没有“{found}”这种写法" }
    /// Remedy of [`config_style`].
    config_style_remedy() {
        en: "write \"virtual\" (bucket in the host's name) or \"path\" (bucket in the path)",
        zh: "请写 \"virtual\"（桶名在域名里）或 \"path\"（桶名在路径里）"
    }
    /// A file that is not named by a reference.
    config_file(found) { en: "`{found}` names no file", zh: "“{found}”不是文件位置" }
    /// Remedy of [`config_file`].
    config_file_remedy() { en: "write \"file:/path\"", zh: "请写 \"file:/路径\"" }
    /// A proxy that is none.
    config_proxy() { en: "this is no HTTP proxy", zh: "这不是可用的 HTTP 代理" }
    /// Remedy of [`config_proxy`].
    config_proxy_remedy() {
        en: "write \"http://host:port\", \"environment\" or \"none\"",
        zh: "请写 \"http://主机:端口\"、\"environment\" 或 \"none\""
    }
    /// A password that everybody who reads the file sees.
    config_password_in_url() {
        en: "everybody who can read this file sees the password in this URL",
        zh: "能看到这个文件的人都能看到网址里的密码"
    }
    /// Remedy of [`config_password_in_url`].
    config_password_in_url_remedy() {
        en: "put user and password into a file and name it with `credentials`",
        zh: "请把用户名和密码放进单独的文件，用 `credentials` 指定"
    }
    /// Remedy of a store that cannot be opened.
    config_archive_remedy() {
        en: "for example file:///media/archive, https://host/folder, s3://bucket/folder, ftps://host/folder",
        zh: "例如 file:///media/archive、https://主机/文件夹、s3://存储桶/文件夹、ftps://主机/文件夹"
    }
}
