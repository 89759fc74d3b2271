# Finds every library and says, for each missing one, which Debian package brings it: all of them in one message.
find_package(PkgConfig)
set(tautrain_missing "")

macro(tautrain_need found what package)
  if(NOT ${found})
    string(APPEND tautrain_missing "\n  ${what} was not found: apt install ${package}")
  endif()
endmacro()

# A library that comes with a .pc file, as target PkgConfig::<name>.
macro(tautrain_need_pkg name module what package)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET ${module})
  endif()
  tautrain_need(${name}_FOUND ${what} ${package})
endmacro()

# A library without one, as target tautrain::<name>.
macro(tautrain_need_library name header library suffix what package)
  find_path(${name}_INCLUDE_DIR ${header} PATH_SUFFIXES ${suffix})
  find_library(${name}_LIBRARY ${library})
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
  if(${name}_INCLUDE_DIR AND ${name}_LIBRARY)
    set(${name}_FOUND TRUE)
    if(NOT TARGET tautrain::${name})
      add_library(tautrain::${name} UNKNOWN IMPORTED)
      set_target_properties(tautrain::${name} PROPERTIES
        IMPORTED_LOCATION ${${name}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${${name}_INCLUDE_DIR})
    endif()
  endif()
  tautrain_need(${name}_FOUND ${what} ${package})
endmacro()

tautrain_need(PKG_CONFIG_FOUND pkg-config pkg-config)
find_package(HDF5 QUIET COMPONENTS C)
tautrain_need(HDF5_FOUND HDF5 libhdf5-dev)
tautrain_need_pkg(YAML yaml-0.1 libyaml libyaml-dev)
tautrain_need_pkg(LAPACKE lapacke LAPACKE "liblapacke-dev libopenblas-dev")
tautrain_need_pkg(SLEEF sleef SLEEF libsleef-dev)
tautrain_need_library(UDUNITS2 udunits2.h udunits2 udunits2 UDUNITS-2 libudunits2-dev)
tautrain_need_library(KLU klu.h klu suitesparse "KLU of SuiteSparse" libsuitesparse-dev)

# The unit database: read from here by C programs and tests, copied into the Python package.
find_path(UDUNITS2_XML_DIR udunits2.xml
  PATHS /usr/share/xml/udunits /usr/share/udunits
  PATH_SUFFIXES share/xml/udunits share/udunits
  DOC "folder of udunits2.xml")
tautrain_need(UDUNITS2_XML_DIR "the unit database udunits2.xml" libudunits2-dev)

if(TAUTRAIN_TESTS)
  find_package(cmocka QUIET)
  tautrain_need(cmocka_FOUND "cmocka (for the tests)" libcmocka-dev)
endif()
if(TAUTRAIN_PYTHON)
  find_program(SWIG_EXECUTABLE NAMES swig)
  tautrain_need(SWIG_EXECUTABLE "SWIG (for the Python package)" "swig, or pip install swig")
  find_package(Python 3.11 QUIET COMPONENTS Interpreter Development.Module)
  tautrain_need(Python_FOUND "Python 3.11 with its headers" python3-dev)
endif()

if(tautrain_missing)
  message(FATAL_ERROR "Parts are missing:${tautrain_missing}\n  all at once: tools/setup.sh")
endif()
