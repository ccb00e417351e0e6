#include "app/program.h"

int main(int argc, char** argv) {
  return wanspool::app::run_program(argc, argv);
}
