# Interface targets that say how our own code is compiled.
#   tautrain_compile   every C file of ours: library, tests, bindings
#   tautrain_private   what the library itself sees besides: lib/ and the third-party libraries

add_library(tautrain_compile INTERFACE)
target_compile_definitions(tautrain_compile INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(tautrain_compile INTERFACE
  -ffp-contract=off # results do not depend on what the compiler likes to fuse
  -Wall
  -Wextra
  -Wpedantic
  -Wconversion
  -Wshadow
  -Wstrict-prototypes
  -Wvla
  -Wdouble-promotion
  $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> # messages are cut to their buffers on purpose
  $<$<BOOL:${TAUTRAIN_WERROR}>:-Werror>)
target_include_directories(tautrain_compile INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)

add_library(tautrain_private INTERFACE)
target_include_directories(tautrain_private INTERFACE ${PROJECT_SOURCE_DIR}/lib)
target_link_libraries(tautrain_private INTERFACE
  tautrain_compile
  tautrain_sundials
  hdf5::hdf5
  PkgConfig::YAML
  PkgConfig::LAPACKE
  PkgConfig::SLEEF
  tautrain::UDUNITS2
  m)

# x86-64 with a compiler that knows AVX-512: the vector evaluators can be built. Whether the machine has them is asked at run time.
include(CheckCCompilerFlag)
set(TAUTRAIN_X86 FALSE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  check_c_compiler_flag("-mavx2 -mfma -mavx512f -mprefer-vector-width=512" TAUTRAIN_HAS_AVX512_FLAGS)
  set(TAUTRAIN_X86 ${TAUTRAIN_HAS_AVX512_FLAGS})
endif()

# Linker options of what leaves the house: nothing of a private library is exported or left undefined.
set(tautrain_link_options -Wl,--as-needed -Wl,--exclude-libs,ALL)
if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize") # the sanitizers' run-time library belongs to the executable
  list(APPEND tautrain_link_options -Wl,-z,defs)
endif()

# build_info.h, for tau_build_info(): renewed by each build, touched only when something changed.
set(tautrain_generated ${PROJECT_BINARY_DIR}/generated)
set(build_info
  ${CMAKE_COMMAND}
  -DSOURCE=${PROJECT_SOURCE_DIR}
  -DOUT=${tautrain_generated}/build_info.h
  -DSUNDIALS_VERSION=${SUNDIALS_VERSION}
  -DHDF5_VERSION=${HDF5_VERSION}
  -DCMAKE_C_COMPILER_ID=${CMAKE_C_COMPILER_ID}
  -DCMAKE_C_COMPILER_VERSION=${CMAKE_C_COMPILER_VERSION}
  -P ${PROJECT_SOURCE_DIR}/cmake/BuildInfo.cmake)
execute_process(COMMAND ${build_info} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(tautrain_build_info COMMAND ${build_info} BYPRODUCTS ${tautrain_generated}/build_info.h VERBATIM)
target_include_directories(tautrain_private INTERFACE ${tautrain_generated})
