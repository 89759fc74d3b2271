# Provides the interface target tautrain_sundials. TAUTRAIN_SUNDIALS says where SUNDIALS comes from:
#   auto     the system's copy when it has CVODES, KINSOL and KLU and is optimised (Debian's is not), else bundled
#   system   the system's copy, never a fetch (for packagers); SUNDIALS_DIR or CMAKE_PREFIX_PATH point at it
#   bundled  fetched by tools/get_sundials.sh, or taken from TAUTRAIN_SUNDIALS_SOURCE; built once at -O3 into the cache
# Sets TAUTRAIN_SUNDIALS_PREFIX when the bundled copy is used.
set(TAUTRAIN_SUNDIALS auto CACHE STRING "where SUNDIALS comes from: auto, system or bundled")
set_property(CACHE TAUTRAIN_SUNDIALS PROPERTY STRINGS auto system bundled)
set(TAUTRAIN_SUNDIALS_VERSION 7.1.1 CACHE STRING "version of the bundled SUNDIALS: 7.1.1, or 6.4.1 to test the older interface")
set(TAUTRAIN_SUNDIALS_SOURCE "" CACHE PATH "unpacked SUNDIALS tree to build instead of fetching one")
if(DEFINED ENV{XDG_CACHE_HOME})
  set(TAUTRAIN_CACHE $ENV{XDG_CACHE_HOME}/tautrain CACHE PATH "where SUNDIALS is kept, as fetched and as built")
else()
  set(TAUTRAIN_CACHE $ENV{HOME}/.cache/tautrain CACHE PATH "where SUNDIALS is kept, as fetched and as built")
endif()

set(tautrain_sundials_parts
  cvodes
  kinsol
  nvecserial
  sunlinsolband
  sunlinsoldense
  sunlinsolklu
  sunmatrixband
  sunmatrixdense
  sunmatrixsparse)

# find_package without a version: the version file of 6.x refuses a range that crosses a major.
macro(tautrain_sundials_find)
  find_package(SUNDIALS QUIET CONFIG COMPONENTS ${tautrain_sundials_parts} ${ARGN})
  if(SUNDIALS_FOUND AND (SUNDIALS_VERSION VERSION_LESS 6.4 OR SUNDIALS_VERSION VERSION_GREATER_EQUAL 8))
    set(SUNDIALS_FOUND FALSE)
  endif()
endmacro()

# The source tree: given, or fetched and unpacked below `work`.
function(tautrain_sundials_source out work)
  if(TAUTRAIN_SUNDIALS_SOURCE)
    set(${out} ${TAUTRAIN_SUNDIALS_SOURCE} PARENT_SCOPE)
    return()
  endif()
  message(STATUS "Source of SUNDIALS ${TAUTRAIN_SUNDIALS_VERSION}: fetched once (19 MB), kept in ${TAUTRAIN_CACHE}")
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/get_sundials.sh ${TAUTRAIN_CACHE} ${TAUTRAIN_SUNDIALS_VERSION}
    OUTPUT_VARIABLE archive OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "SUNDIALS could not be fetched; the lines above say what helps")
  endif()
  file(REMOVE_RECURSE ${work}/src)
  file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${work}/src)
  file(GLOB top ${work}/src/*/CMakeLists.txt ${work}/src/*/vendor/CMakeLists.txt) # the crate has the tree in vendor/
  list(GET top 0 top)
  cmake_path(GET top PARENT_PATH source)
  set(${out} ${source} PARENT_SCOPE)
endfunction()

function(tautrain_sundials_run log)
  execute_process(COMMAND ${ARGN} OUTPUT_FILE ${log} ERROR_FILE ${log} RESULT_VARIABLE failed)
  if(failed)
    file(READ ${log} text)
    string(LENGTH "${text}" length)
    math(EXPR start "${length} > 4000 ? ${length} - 4000 : 0")
    string(SUBSTRING "${text}" ${start} -1 text)
    message(FATAL_ERROR "SUNDIALS could not be built; the end of ${log}:\n${text}")
  endif()
endfunction()

# Builds SUNDIALS, once per compiler, and returns where it is installed. By execute_process: ExternalProject is too late
# for find_package.
function(tautrain_sundials_build out)
  set(recipe 1) # increase when the options below change
  string(SHA256 key "${CMAKE_C_COMPILER_ID}|${CMAKE_C_COMPILER_VERSION}|${CMAKE_SYSTEM_PROCESSOR}|${TAUTRAIN_SUNDIALS_SOURCE}|${recipe}")
  string(SUBSTRING ${key} 0 12 key)
  set(prefix ${TAUTRAIN_CACHE}/sundials-${TAUTRAIN_SUNDIALS_VERSION}-${key})
  set(${out} ${prefix} PARENT_SCOPE)
  if(EXISTS ${prefix}/lib/cmake/sundials)
    return()
  endif()

  set(work ${CMAKE_CURRENT_BINARY_DIR}/sundials)
  file(MAKE_DIRECTORY ${work} ${TAUTRAIN_CACHE})
  tautrain_sundials_source(source ${work})
  message(STATUS "Building SUNDIALS ${TAUTRAIN_SUNDIALS_VERSION} (once, about 15 s) into ${prefix}")
  cmake_path(GET KLU_LIBRARY PARENT_PATH klu_dir)
  string(RANDOM nonce)
  set(fresh ${TAUTRAIN_CACHE}/.install.${nonce})
  set(options)
  foreach(option BUILD_STATIC_LIBS BUILD_CVODES BUILD_KINSOL ENABLE_KLU CMAKE_POSITION_INDEPENDENT_CODE)
    list(APPEND options -D${option}=ON)
  endforeach()
  foreach(option BUILD_SHARED_LIBS BUILD_ARKODE BUILD_CVODE BUILD_IDA BUILD_IDAS BUILD_CPODES BUILD_TESTING EXAMPLES_ENABLE_C
                 EXAMPLES_ENABLE_CXX EXAMPLES_INSTALL ENABLE_LAPACK ENABLE_MPI ENABLE_OPENMP)
    list(APPEND options -D${option}=OFF)
  endforeach()
  tautrain_sundials_run(${work}/configure.log
    ${CMAKE_COMMAND} -S ${source} -B ${work}/build -G ${CMAKE_GENERATOR} -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=-O3 -DNDEBUG" -DSUNDIALS_INDEX_SIZE=32
    -DCMAKE_INSTALL_PREFIX=${fresh} -DCMAKE_INSTALL_LIBDIR=lib
    -DKLU_INCLUDE_DIR=${KLU_INCLUDE_DIR} -DKLU_LIBRARY_DIR=${klu_dir} ${options})
  tautrain_sundials_run(${work}/build.log ${CMAKE_COMMAND} --build ${work}/build --target install --parallel)

  # One rename publishes it: a killed configure, or two at once, leave nothing half made. The tree is relocatable.
  file(RENAME ${fresh} ${prefix} RESULT clash)
  file(REMOVE_RECURSE ${fresh})
  if(NOT EXISTS ${prefix}/lib/cmake/sundials)
    message(FATAL_ERROR "SUNDIALS could not be put into ${prefix}: ${clash}")
  endif()
endfunction()

set(tautrain_sundials_mode ${TAUTRAIN_SUNDIALS})
set(TAUTRAIN_SUNDIALS_PREFIX)
if(NOT TAUTRAIN_SUNDIALS STREQUAL "bundled")
  add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/sundials_probe ${CMAKE_CURRENT_BINARY_DIR}/sundials_probe)
endif()
if(TAUTRAIN_SUNDIALS STREQUAL "auto")
  if(TAUTRAIN_SUNDIALS_SYSTEM STREQUAL "fast")
    set(tautrain_sundials_mode system)
  else()
    set(tautrain_sundials_mode bundled)
  endif()
endif()

if(tautrain_sundials_mode STREQUAL "bundled")
  tautrain_sundials_build(TAUTRAIN_SUNDIALS_PREFIX)
  set(SUNDIALS_DIR ${TAUTRAIN_SUNDIALS_PREFIX}/lib/cmake/sundials CACHE PATH "" FORCE)
else()
  if(TAUTRAIN_SUNDIALS_SYSTEM STREQUAL "missing")
    message(FATAL_ERROR "TAUTRAIN_SUNDIALS=system, but SUNDIALS 6.4 to 7.x with CVODES, KINSOL and KLU was not found: "
      "apt install libsundials-dev, or leave TAUTRAIN_SUNDIALS at auto")
  elseif(TAUTRAIN_SUNDIALS_SYSTEM STREQUAL "slow")
    message(WARNING "the system's SUNDIALS is compiled without optimisation: runs take 2 to 5 times as long")
  endif()
  find_package(OpenMP QUIET COMPONENTS C) # Debian's SUNDIALS configuration refers to its target
endif()
tautrain_sundials_find(REQUIRED)
message(STATUS "SUNDIALS ${SUNDIALS_VERSION} ${tautrain_sundials_mode} (${SUNDIALS_DIR})")

add_library(tautrain_sundials INTERFACE)
foreach(part ${tautrain_sundials_parts} core generic) # 7.x says core, 6.x generic
  if(TARGET SUNDIALS::${part})
    target_link_libraries(tautrain_sundials INTERFACE SUNDIALS::${part})
  endif()
endforeach()
