# SPDX-License-Identifier: Apache-2.0
using HDF5                                       # ] add HDF5

h5open("snar.h5", "r") do f
    c = read(f["units/coil/c"])                  # [mol/m^3]; species x position: Julia counts the other way round
    species = read(f["species"])
    volume = read(f["units/coil/volume"])        # [m^3]
    ortho = c[findfirst(==("ortho"), species), :]
    println("ortho at the end: ", ortho[end], " ", read_attribute(f["units/coil/c"], "units"))
    println("its maximum at:   ", 1e6 * volume[argmax(ortho)], " mL")

    observables = Dict(zip(read(f["observables/path"]), read(f["observables/value"])))
    println("conversion:       ", observables["conversion/DFNB"])
    println("title:            ", read_attribute(f, "title"))
end
