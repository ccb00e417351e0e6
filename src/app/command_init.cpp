#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <system_error>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/sample.h"
#include "base/files.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool init                          a spool in ./spool, which commands here and below find by themselves
  wanspool init /srv/pictures            one elsewhere; then: wanspool --help about --root and WANSPOOL_ROOT

What is there already stays as it is.)";

fs::path folder_of(std::string const& named, std::string const& root) {
  auto const here = fs::current_path();
  if (!named.empty()) return here / named;
  auto const set = find_root(root, here);
  bool const is_set = !root.empty() || std::getenv("WANSPOOL_ROOT");
  return is_set && !set.empty() ? set : here / "spool";
}

std::string next_steps(Spool const& spool, bool found_by_itself) {
  auto const option = found_by_itself ? std::string{} : fmt::format(" --root {}", spool.root.string());
  return fmt::format(
             "Next:\n"
             "  export DASHSCOPE_API_KEY=…          or set api_key_file in {}\n"
             "  wanspool{} run FILE.yaml            buy the pictures of a manifest, and leave when they are "
             "here\n"
             "  wanspool{} daemon                   or: take every manifest that is dropped into {}\n"
             "  wanspool{} status                   what is done and what was spent\n"
             "The pictures come to {}\n",
             (spool.root / "config.yaml").string(), "", "", spool.inbox.string(), "", spool.out.string()) +
         (option.empty() ? ""
                         : fmt::format("Say which spool: {} after the command, or export WANSPOOL_ROOT={}\n",
                                       option.substr(1), spool.root.string()));
}

int init(std::string const& named, std::string const& root) {
  auto const folder = folder_of(named, root);
  auto const spool = Spool::at(folder.has_filename() ? folder : folder.parent_path());
  bool const was_one = is_spool(spool.root);
  spool.make();
  auto const config = spool.root / "config.yaml";
  std::error_code ignored;
  bool const reads_this = spool.root != kServiceRoot;
  if (reads_this && !fs::exists(config, ignored)) write_file_safely(config, sample_config());
  std::fprintf(stderr, "wanspool: %s %s\n", was_one ? "there is a spool already in" : "made a spool in",
               spool.root.c_str());
  std::printf("%s", next_steps(spool, find_root({}, fs::current_path()) == spool.root).c_str());
  return kFine;
}

}  // namespace

void add_init(CLI::App& program, Chosen& chosen) {
  struct Options {
    std::string folder, root;
  };
  auto* const command = program.add_subcommand("init", "Make a spool, with a commented config.yaml");
  auto const options = std::make_shared<Options>();
  command->add_option("DIR", options->folder, "where; else --root, $WANSPOOL_ROOT or ./spool");
  command->add_option("--root", options->root, "the same")->type_name("DIR");
  command->footer(kFooter);
  command->callback(
      [options, &chosen] { chosen = [options] { return init(options->folder, options->root); }; });
}

}  // namespace wanspool::app
