# Intel's chips encode over VA-API.
PACKAGECONFIG:append:lectern-ops = " va"
