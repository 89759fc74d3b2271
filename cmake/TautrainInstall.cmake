# cmake --install: the library, its headers, find_package(tautrain) and pkg-config. The installed tree can be moved.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tautrain)

install(TARGETS tautrain EXPORT tautrainTargets COMPONENT c
  LIBRARY NAMELINK_COMPONENT c)
install(FILES ${PROJECT_SOURCE_DIR}/include/tautrain.h TYPE INCLUDE COMPONENT c)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tautrain TYPE INCLUDE COMPONENT c FILES_MATCHING PATTERN "*.h")
install(EXPORT tautrainTargets NAMESPACE tautrain:: DESTINATION ${config_dir} COMPONENT c)

# A static library needs its private libraries again at the consumer's link, a bundled SUNDIALS among them.
set(installed_sundials "")
if(TAUTRAIN_SUNDIALS_PREFIX AND NOT BUILD_SHARED_LIBS)
  set(installed_sundials ${CMAKE_INSTALL_LIBDIR}/tautrain/sundials)
  install(DIRECTORY ${TAUTRAIN_SUNDIALS_PREFIX}/lib ${TAUTRAIN_SUNDIALS_PREFIX}/include
    DESTINATION ${installed_sundials} COMPONENT c)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tautrainConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/tautrainConfig.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/tautrainConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/tautrainConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/tautrainConfigVersion.cmake
  DESTINATION ${config_dir} COMPONENT c)

# pkg-config: the private part stands in static builds only, since pkgconf wants those .pc files even for --cflags.
# LAPACKE stands there by name: its .pc asks for the Fortran library, which only a Fortran compiler puts in the linker's way.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig
    OUTPUT_VARIABLE up)
  set(pc_prefix "\${pcfiledir}/${up}")
endif()
set(pc_cflags "")
set(pc_private "")
if(NOT BUILD_SHARED_LIBS)
  set(pc_cflags " -DTAU_STATIC")
  set(libs "")
  if(installed_sundials)
    string(APPEND libs " -L\${libdir}/tautrain/sundials/lib")
  endif()
  foreach(part ${tautrain_sundials_parts})
    string(APPEND libs " -lsundials_${part}")
  endforeach()
  if(SUNDIALS_VERSION VERSION_GREATER_EQUAL 7)
    string(APPEND libs " -lsundials_core")
  else()
    string(APPEND libs " -lsundials_generic")
  endif()
  string(APPEND libs " -lklu -lamd -lcolamd -lbtf -lsuitesparseconfig -ludunits2 -llapacke -lm")
  set(pc_private "Requires.private: hdf5 yaml-0.1 sleef\nLibs.private:${libs}\n")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/tautrain.pc.in ${CMAKE_CURRENT_BINARY_DIR}/tautrain.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tautrain.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT c)
