//! A mapped frame of GStreamer as the picture that is judged.

use std::sync::LazyLock;

use gst_video::VideoFormat;
use gst_video::prelude::*;

use super::picture::{Component, Components, Depth, Picture, Range};

/// The caps that can be judged.
pub(super) static CAPS: LazyLock<gst::Caps> = LazyLock::new(|| {
    gst_video::VideoCapsBuilder::new()
        .format_list([
            VideoFormat::Nv12,
            VideoFormat::I420,
            VideoFormat::Nv21,
            VideoFormat::Yv12,
            VideoFormat::Nv16,
            VideoFormat::Y42b,
            VideoFormat::Nv61,
            VideoFormat::Nv24,
            VideoFormat::Y41b,
            VideoFormat::Y444,
            VideoFormat::Ayuv,
            VideoFormat::Yuy2,
            VideoFormat::Uyvy,
            VideoFormat::Yvyu,
            VideoFormat::Gray8,
            VideoFormat::P01010le,
            VideoFormat::I42010le,
            VideoFormat::I42210le,
            VideoFormat::Y44410le,
            VideoFormat::Gray16Le,
            VideoFormat::Bgrx,
            VideoFormat::Rgbx,
            VideoFormat::Xrgb,
            VideoFormat::Xbgr,
            VideoFormat::Bgra,
            VideoFormat::Rgba,
            VideoFormat::Argb,
            VideoFormat::Abgr,
            VideoFormat::Rgb,
            VideoFormat::Bgr,
        ])
        .build()
});

/// Where the values of a frame lie; nothing when its lines cannot be read: they run from bottom to top,
/// or the buffer ends before they do.
pub(super) fn picture<'a>(frame: &'a gst_video::VideoFrameRef<&gst::BufferRef>) -> Option<Picture<'a>> {
    let info = frame.info().format_info();
    let components = if info.is_rgb() {
        Components::Rgb([component(frame, 0)?, component(frame, 1)?, component(frame, 2)?])
    } else if info.n_components() < 3 {
        Components::Grey(component(frame, 0)?)
    } else {
        Components::Luma([component(frame, 0)?, component(frame, 1)?, component(frame, 2)?])
    };
    let range = match frame.info().colorimetry().range() {
        gst_video::VideoColorRange::Range0_255 => Range::FULL,
        gst_video::VideoColorRange::Unknown if info.is_rgb() || info.is_gray() => Range::FULL,
        _ => Range::LIMITED,
    };
    Some(Picture { width: frame.width() as usize, height: frame.height() as usize, range, components })
}

fn component<'a>(frame: &'a gst_video::VideoFrameRef<&gst::BufferRef>, index: u32) -> Option<Component<'a>> {
    let info = frame.info().format_info();
    let at = index as usize;
    let plane = *info.plane().get(at)?;
    // A meta may claim anything: what it says is believed only as far as the buffer reaches.
    let stride = usize::try_from(*frame.plane_stride().get(plane as usize)?).ok()?;
    let offset = *frame.plane_offset().get(plane as usize)?;
    let lines = frame.plane_height(plane) as usize;
    let claimed = stride.checked_mul(lines)?;
    let there = frame.buffer().size().checked_sub(offset)?;
    let step = usize::try_from(*info.pixel_stride().get(at)?).ok()?;
    // The last line may end with its last value.
    let needed = stride.checked_mul(lines.checked_sub(1)?)? + step * frame.comp_width(index) as usize;
    if needed > there || u32::try_from(claimed).is_err() {
        return None;
    }
    let depth = match *info.depth().get(at)? {
        bits @ 9..=16 => Depth::Word(info.shift()[at] + bits - 8),
        _ => Depth::Byte,
    };
    let first = *info.poffset().get(at)? as usize;
    // GStreamer 1.22 has the red difference of P010 one byte too early.
    let odd = if depth == Depth::Byte { 0 } else { first % 2 };
    let data = frame.comp_data(index).ok()?;
    let end = data.len().min(there.checked_sub(first)?);
    Some(Component {
        data: data.get(odd..end)?,
        stride,
        step,
        halve_width: info.w_sub()[at],
        halve_height: info.h_sub()[at],
        depth,
    })
}
