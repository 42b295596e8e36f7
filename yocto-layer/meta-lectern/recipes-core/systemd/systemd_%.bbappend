# To let the data partition grow.
PACKAGECONFIG:append:lectern = " openssl repart"
