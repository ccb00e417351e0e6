#include "app/context.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "app/account.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/shared_files.h"
#include "base/days.h"
#include "base/files.h"
#include "base/schema.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

fs::path config_file(Where const& where, fs::path const& root) {
  if (!where.config.empty()) return where.config;
  if (root == kServiceRoot) return "/etc/wanspool/config.yaml";
  return root / "config.yaml";
}

Config read_configuration(Where const& where, fs::path const& root, Models const& models) {
  auto const file = config_file(where, root);
  std::error_code ignored;
  if (where.config.empty() && root.empty()) return {};
  if (where.config.empty() && !fs::exists(file, ignored)) return {};
  std::string text;
  try {
    text = read_file(file, 1 << 20);
  } catch (std::system_error const& error) {
    throw Quit{kMisconfigured, error.what()};
  }
  auto read = read_config(text, file.string(), models);
  if (read.complaints.empty()) return std::move(read.config);
  auto words = fmt::format("the configuration is wrong; nothing was done");
  for (auto const& each : read.complaints) words += "\n" + each.str();
  throw Quit{kMisconfigured, words};
}

fs::path root_or_quit(Where const& where, Making making) {
  auto root = find_root(where.root, fs::current_path());
  if (!root.empty() && is_spool(root)) return root;
  if (making == Making::Allowed) return root.empty() ? fs::current_path() / "spool" : root;
  refuse_locked(root.empty() ? fs::path{kServiceRoot} : root);
  if (root.empty()) throw Quit{kWrong, "no spool here: wanspool init"};
  throw Quit{kWrong, fmt::format("no spool in {}: wanspool init {}", root.string(), root.string())};
}

// A daemon that has the spool has made it, and what this process drops there is its user's own.
void make(Spool const& spool, FilesConfig const& files) {
  bool const is_new = !is_spool(spool.root);
  make_shared(spool, keeper_of(spool).is_there ? FilesConfig{} : files);
  if (is_new) std::fprintf(stderr, "wanspool: made a spool in %s\n", spool.root.c_str());
}

Context read_context(Where const& where, fs::path const& root) {
  Context context;
  context.models = known_models();
  context.config = read_configuration(where, root, context.models);
  context.models.insert(context.config.models.begin(), context.config.models.end());
  context.endpoint = endpoint_of(context.config);
  context.region = region_of(context.config, context.endpoint);
  context.workspace = workspace_of(context.config, context.endpoint);
  return context;
}

Context configured(Where const& where, fs::path const& root) {
  auto context = read_context(where, root);
  if (!context.config.timezone.empty()) set_time_zone(context.config.timezone);
  return context;
}

}  // namespace

void refuse_locked(fs::path const& root) {
  struct stat info {};
  if (::stat(root.c_str(), &info) != 0 || ::access(root.c_str(), X_OK) == 0 || errno != EACCES) return;
  throw Quit{kCannotMake,
             fmt::format("you may not look into {} (mode {:04o}): whoever is to use it is put into its group",
                         root.string(), info.st_mode & 07777)};
}

std::vector<std::string> Context::account_names() const {
  std::vector<std::string> names{""};
  for (auto const& [name, account] : config.accounts) names.push_back(name);
  return names;
}

void add_forms(CLI::App& command, bool& json, bool& csv, std::string const& json_words,
               std::string const& csv_words) {
  auto* const as_json = command.add_flag("--json", json, json_words);
  command.add_flag("--csv", csv, csv_words)->excludes(as_json);
}

void add_where(CLI::App& command, Where& where) {
  command
      .add_option("--root", where.root,
                  "the spool; else $WANSPOOL_ROOT, a spool/ here or in a parent, "
                  "/var/lib/wanspool")
      ->type_name("DIR")
      ->group("Where");
  command
      .add_option("--config", where.config,
                  "the configuration; else ROOT/config.yaml, and for "
                  "/var/lib/wanspool /etc/wanspool/config.yaml")
      ->type_name("FILE")
      ->group("Where");
}

bool is_spool(fs::path const& folder) {
  std::error_code ignored;
  return Spool::is_one(folder) || fs::is_directory(folder / "state" / "claims", ignored);
}

fs::path find_root(std::string const& root, fs::path const& here) {
  auto const clean = [&](fs::path const& path) {
    auto const whole = (here / path).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
  };
  if (!root.empty()) return clean(root);
  if (auto const* const set = std::getenv("WANSPOOL_ROOT"); set && *set) return clean(set);
  for (auto folder = here;; folder = folder.parent_path()) {
    std::error_code ignored;
    // Other folders than ours are called inbox as well: around us it takes two names to be a spool.
    if (is_spool(folder) && fs::is_directory(folder / "state", ignored)) return folder;
    if (is_spool(folder / "spool")) return folder / "spool";
    if (folder == folder.parent_path()) break;
  }
  return is_spool(kServiceRoot) ? fs::path{kServiceRoot} : fs::path{};
}

Models known_models() {
  return read_models(schema_file("models.yaml"), "models.yaml");
}

Context open_context(Where const& where, Making making) {
  auto const root = root_or_quit(where, making);
  auto context = configured(where, root);
  context.spool = Spool::at(root, context.config.inbox, context.config.out);
  if (making == Making::Allowed) make(context.spool, context.config.files);
  return context;
}

Context context_anew(Where const& where, Context const& running) {
  auto context = read_context(where, running.spool.root);
  context.spool = Spool::at(running.spool.root, context.config.inbox, context.config.out);
  accounts_of(context.config, context.spool.root, context.endpoint, context.region);
  return context;
}

Context likely_context(Where const& where) {
  auto const root = find_root(where.root, fs::current_path());
  bool const is_there = !root.empty() && is_spool(root);
  auto context = configured(where, is_there ? root : fs::path{});
  if (is_there) context.spool = Spool::at(root, context.config.inbox, context.config.out);
  return context;
}

std::unique_ptr<Reader> reader_of(Spool const& spool) {
  try {
    return open_reader(spool.database);
  } catch (StoreBroken const& broken) {
    if (broken.exit_code != kWrong) throw;
    return nullptr;
  }
}

}  // namespace wanspool::app
