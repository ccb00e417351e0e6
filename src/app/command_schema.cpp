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

JSON Schema, draft-07: editors complete keys by it, and underline what is wrong. It knows the models of
config.yaml, too. Needs no spool, no key and no network.)";

int print(Where const& where) {
  std::fputs(manifest_schema(likely_context(where).models).c_str(), stdout);
  return kFine;
}

}  // namespace

void add_schema(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("schema", "Print the manifest's schema for editors");
  auto const where = std::make_shared<Where>();
  add_where(*command, *where);
  command->footer(kFooter);
  command->callback([where, &chosen] { chosen = [where] { return print(*where); }; });
}

}  // namespace wanspool::app
