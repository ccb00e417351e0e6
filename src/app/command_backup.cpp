#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/words.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool backup /mnt/backup/wanspool.db     while a daemon runs or not; an existing file is never overwritten

Put it back: stop the daemon, copy the file to ROOT/state/wanspool.db, remove wanspool.db-wal and wanspool.db-shm
beside it, start the daemon. It then waits until it has looked for what was bought since.)";

struct Options {
  Where where;
  std::string file;
  bool json = false;
};

// The queue is copied out of the folder that only the daemon writes, never over itself.
fs::path checked(fs::path const& file, Spool const& spool) {
  auto const whole = fs::weakly_canonical(fs::absolute(file));
  std::error_code ignored;
  if (fs::is_directory(whole, ignored))
    throw Quit{kWrong, fmt::format("{} is a folder; name a file in it", whole.string())};
  if (whole.parent_path() == fs::weakly_canonical(spool.state))
    throw Quit{kWrong,
               fmt::format("{} is where the queue itself lies; name a file elsewhere", whole.string())};
  if (fs::exists(fs::symlink_status(whole, ignored)))
    throw Quit{kWrong, fmt::format("{} is there already; name another file", whole.string())};
  return whole;
}

std::string in_units(std::uintmax_t bytes) {
  if (bytes < 1 << 20) return fmt::format("{} KiB", (bytes + 1023) / 1024);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

// As a shell takes it.
std::string quoted(fs::path const& path) {
  auto const text = path.string();
  bool const plain = std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return letter > 0x7F || std::isalnum(letter) || std::strchr("/._-+,:@%", letter);
  });
  if (plain) return text;
  std::string word = "'";
  for (char const letter : text) word += letter == '\'' ? std::string{"'\\''"} : std::string{letter};
  return word + "'";
}

int backup(Options const& options) {
  auto const context = open_context(options.where);
  auto const file = checked(options.file, context.spool);
  auto const reader = reader_of(context.spool);
  if (!reader) throw Quit{kNoSuch, "nothing has been taken in yet, so there is nothing to copy"};
  reader->backup(file, BootClock{}.now());
  auto const bytes = fs::file_size(file);
  if (options.json) {
    std::printf("%s\n", nlohmann::ordered_json{{"schema", 1}, {"file", file.string()}, {"bytes", bytes}}
                            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                            .c_str());
    return kFine;
  }
  auto const copy = quoted(file), database = quoted(context.spool.database);
  std::printf(
      "%s: %s, the queue and its ledger as they are now\n"
      "The pictures are not in it; they lie in %s\n"
      "To put it back:\n"
      "  1. stop the daemon\n"
      "  2. cp %s %s\n"
      "     where that file was gone, as root: chown --reference=%s %s\n"
      "  3. rm -f %s-wal %s-shm\n"
      "  4. start the daemon; it waits until it has looked for what was bought since\n",
      one_line(file.string()).c_str(), in_units(bytes).c_str(), one_line(context.spool.out.string()).c_str(),
      copy.c_str(), database.c_str(), quoted(context.spool.state).c_str(), database.c_str(), database.c_str(),
      database.c_str());
  return kFine;
}

}  // namespace

void add_backup(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("backup", "Copy the queue, while a daemon runs or not");
  auto const options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "where the copy is to lie")->required();
  command->add_flag("--json", options->json, "one JSON document");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return backup(*options); }; });
}

}  // namespace wanspool::app
