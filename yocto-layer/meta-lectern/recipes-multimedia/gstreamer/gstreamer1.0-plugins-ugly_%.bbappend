PACKAGECONFIG:append:lectern = " x264"
