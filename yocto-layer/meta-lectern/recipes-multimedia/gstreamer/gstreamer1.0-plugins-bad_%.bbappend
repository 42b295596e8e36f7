PACKAGECONFIG:append:lectern = " srt"
