PACKAGECONFIG:append:lectern-ops = " va"
