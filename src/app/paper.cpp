#include "app/paper.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <system_error>

#include "app/exit.h"
#include "app/request.h"
#include "app/words.h"
#include "base/disk.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

void show(Proposal const& proposal, Screen& screen) {
  screen.say(short_words(proposal.file, proposal.plan));
  for (auto const& each : warnings_of(proposal)) screen.say(each);
}

// The price that a person has said yes to, none where nobody has to. Throws Quit 6 where no yes helps, or
// nobody can be asked.
struct Answer {
  bool yes = true;
  std::optional<Money> agreed = {};
};

Answer ask(Proposal const& proposal, Context const& context, bool yes, Screen& screen) {
  auto const& plan = proposal.plan;
  auto const ask_above = context.config.ask_above;
  auto const why = refusal(plan, ask_above);
  if (why.empty()) return {};
  if (!needs_yes(plan, ask_above)) throw Quit{kPerson, proposal.file + ": " + why};
  auto const price = plan.buys().price_most;
  screen.say(proposal.file + ": " + why);
  auto const question = fmt::format("Buy for at most {}?", money(price, plan.currency));
  if (!is_agreed(question, yes, " or that line in " + proposal.file)) return {false};
  return {true, price};
}

// A daemon of another user moves and clears away what the inbox's group may write; without that it can only
// copy it and finds it again. Where the group may not write into the inbox it may not write here.
void share_with_group(fs::path const& path, gid_t group) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return;
  if (info.st_gid != group && ::lchown(path.c_str(), static_cast<uid_t>(-1), group) != 0) return;
  bool const folder = S_ISDIR(info.st_mode);
  if (!folder && !S_ISREG(info.st_mode)) return;
  if (::chmod(path.c_str(), folder ? 02770 : 0640) != 0) return;
  if (!folder) return;
  for (auto const& entry : fs::directory_iterator{path}) share_with_group(entry.path(), group);
}

}  // namespace

bool Paper::is_bundle() const {
  return !handover.empty() || !proposal.names.empty() || fs::path{handover.file}.has_parent_path();
}

std::string Paper::source() const {
  auto const name = fs::path{handover.file};
  if (!is_bundle()) return name.filename().string();
  return name.has_parent_path() ? name.parent_path().string() : name.stem().string();
}

void add_selection(CLI::App& command, Selection& selection) {
  command.add_option("--sample", selection.sample, "only so many of its jobs, evenly spread")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command.add_option("--only", selection.only, "only jobs whose names fit, as list prints them")
      ->type_name("GLOB")
      ->expected(1)
      ->take_all();
}

std::optional<std::vector<Paper>> approve(std::vector<Proposal> proposals, Selection const& selection,
                                          Context const& context, bool yes, Screen& screen) {
  std::vector<Paper> papers;
  for (auto& proposal : proposals) {
    Paper paper{std::move(proposal), {}};
    paper.handover.file = paper.proposal.own_name;
    paper.handover.selection = paper.proposal.picked.value_or(selection);
    paper.handover.globs = paper.proposal.globs;
    paper.handover.without = paper.proposal.without;
    if (paper.proposal.ok()) show(paper.proposal, screen);
    if (paper.proposal.ok()) {
      auto const answer = ask(paper.proposal, context, yes, screen);
      if (!answer.yes) return {};
      paper.handover.agreed = answer.agreed;
      if (answer.agreed) paper.handover.currency = paper.proposal.plan.currency;
    }
    papers.push_back(std::move(paper));
  }
  return papers;
}

Parcel::Parcel(Spool const& spool, Paper const& paper)
    : hidden_{spool.inbox / fmt::format(".{}-{}", ::getpid(), paper.source())},
      folder_{hidden_ / paper.source()} {
  fs::create_directories(hidden_);
  try {
    write_bundle(folder_, paper.proposal.manifest, paper.handover, paper.proposal.names, paper.proposal.find);
    struct stat inbox {};
    if (::stat(spool.inbox.c_str(), &inbox) == 0 && (inbox.st_mode & S_IWGRP) != 0)
      share_with_group(folder_, inbox.st_gid);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(hidden_, ignored);
    throw;
  }
}

Parcel::~Parcel() {
  std::error_code ignored;
  fs::remove_all(hidden_, ignored);
}

void Parcel::send(fs::path const& to) const {
  disk::rename(folder_, to);
  disk::sync_folder(to.parent_path());
}

}  // namespace wanspool::app
