% SPDX-License-Identifier: Apache-2.0
file = 'snar.h5';
c = h5read(file, '/units/coil/c');               % [mol/m^3]; species x position: MATLAB counts the other way round
species = string(h5read(file, '/species'));
volume = h5read(file, '/units/coil/volume');     % [m^3]
ortho = c(species == "ortho", :);
[~, i] = max(ortho);
fprintf('ortho at the end: %g %s\n', ortho(end), h5readatt(file, '/units/coil/c', 'units'))
fprintf('its maximum at:   %g mL\n', 1e6 * volume(i))

path = string(h5read(file, '/observables/path'));
value = h5read(file, '/observables/value');
fprintf('conversion:       %g\n', value(path == "conversion/DFNB"))
fprintf('title:            %s\n', h5readatt(file, '/', 'title'))
h5disp(file, '/units/coil', 'min')               % what else there is
