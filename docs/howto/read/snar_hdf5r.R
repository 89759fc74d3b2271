# SPDX-License-Identifier: Apache-2.0
library(hdf5r)

f <- H5File$new("snar.h5", mode = "r")
c <- f[["units/coil/c"]]$read()                  # species x position
rownames(c) <- f[["species"]]$read()
cat("ortho at the end:", c["ortho", ncol(c)], h5attr(f[["units/coil/c"]], "units"), "\n")
cat("title:           ", h5attr(f, "title"), "\n")
f$close_all()
