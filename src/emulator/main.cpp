#include "emulator/program.h"

int main(int argc, char** argv) {
  return wanspool::emulator::run(argc, argv);
}
