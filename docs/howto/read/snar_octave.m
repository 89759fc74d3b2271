% SPDX-License-Identifier: Apache-2.0
pkg load netcdf                                  % numbers only: this package reads no texts

file = "snar.h5";
c = ncread(file, "/units/coil/c");               % [mol/m^3]; species x position
volume = ncread(file, "/units/coil/volume");     % [m^3]
ortho = c(3, :);                                 % the third of: ncdump -v species snar.h5
[~, i] = max(ortho);
printf("ortho at the end: %g mol/m^3\n", ortho(end))
printf("its maximum at:   %g mL\n", 1e6 * volume(i))
