#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "manifest/manifest.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool schema > manifest.schema.json
  # yaml-language-server: $schema=manifest.schema.json     as the first line of a manifest

JSON Schema, draft-07: editors complete keys by it, and underline what is wrong.)";

int print() {
  std::fputs(manifest_schema(known_models()).c_str(), stdout);
  return kFine;
}

}  // namespace

void add_schema(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("schema", "Print the manifest's schema for editors");
  command->footer(kFooter);
  command->callback([&chosen] { chosen = print; });
}

}  // namespace wanspool::app
