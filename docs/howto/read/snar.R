# SPDX-License-Identifier: Apache-2.0
library(rhdf5)                                   # or library(hdf5r), below

file <- "snar.h5"
c <- h5read(file, "units/coil/c")                # [mol/m^3]; species x position: R counts the other way round
rownames(c) <- h5read(file, "species")
volume <- h5read(file, "units/coil/volume")      # [m^3]
cat("ortho at the end:", c["ortho", ncol(c)], "mol/m^3\n")
cat("its maximum at:  ", 1e6 * volume[which.max(c["ortho", ])], "mL\n")

observables <- data.frame(
  path = h5read(file, "observables/path"),
  value = h5read(file, "observables/value"),
  unit = h5read(file, "observables/unit"))
cat("conversion:      ", observables$value[observables$path == "conversion/DFNB"], "\n")
cat("title:           ", h5readAttributes(file, "/")$title, "\n")
h5closeAll()
