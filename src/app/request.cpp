#include "app/request.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "app/deliver.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/pictured.h"
#include "app/rows.h"

namespace wanspool::app {
namespace {

constexpr milliseconds kPatience{15'000};

std::string_view name_of(Command::Verb verb) {
  switch (verb) {
    case Command::Verb::Redo:
      return "redo";
    case Command::Verb::Adopt:
      return "adopt";
    case Command::Verb::Resume:
      return "resume";
    case Command::Verb::List:
      return "list";
    case Command::Verb::Cancel:
      return "cancel";
    case Command::Verb::Retry:
      return "retry";
    case Command::Verb::Pause:
      return "pause";
    case Command::Verb::Priority:
      return "priority";
  }
  return "";
}

// A string of JSON is one of YAML, whatever is in it.
std::string quoted(std::string const& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string new_id() {
  std::random_device chance;
  return fmt::format("{:08x}{:08x}", chance(), chance());
}

std::string text_of(Command const& command) {
  auto text = fmt::format("command: {}\nid: {}\n", name_of(command.verb), quoted(command.id));
  std::string jobs;
  for (auto const& each : command.jobs) jobs += (jobs.empty() ? "" : ", ") + quoted(each);
  if (!jobs.empty()) text += "jobs: [" + jobs + "]\n";
  if (command.failed) text += "failed: true\n";
  if (command.verb == Command::Verb::Priority)
    text += fmt::format("priority: {}\n", wanspool::name_of(command.priority));
  if (!command.task_id.empty()) text += "task_id: " + quoted(command.task_id) + "\n";
  return text;
}

std::string file_of(Command const& command) {
  return fmt::format("{}-{}.yaml", name_of(command.verb), command.id);
}

int hand_over(Context const& context, Command const& command, Screen& screen) {
  Signals signals{SIGINT, SIGTERM};
  auto const delivery = deliver(context.spool, file_of(command), text_of(command));
  if (!keeper_of(context.spool).is_there) {
    screen.say(
        "in the inbox; no daemon has this spool now, so it takes effect at the next wanspool run or wanspool "
        "daemon");
    return kFine;
  }
  auto const sorted = await(context.spool, {delivery}, kPatience, screen, signals);
  if (sorted.interrupted) leave_by(SIGINT);
  if (sorted.waiting > 0)
    screen.say("in the inbox as " + delivery.source + ", not taken yet; it takes effect when it is");
  return sorted.rejected > 0 ? kFailed : kFine;
}

bool is_agreed(std::string const& question, bool yes, std::string const& instead) {
  if (yes) return true;
  if (!::isatty(STDIN_FILENO) || !::isatty(STDERR_FILENO))
    throw Quit{kPerson, "needs --yes" + instead + ": there is no terminal to ask on; nothing was done"};
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return true;
  std::fputs("nothing was done\n", stderr);
  return false;
}

std::vector<std::string> words_of_jobs(std::vector<std::string> const& arguments, Context const& context,
                                       Reader* reader) {
  if (!reader) throw Quit{kNoSuch, "nothing has been taken in yet"};
  auto words = job_words(arguments, std::cin, std::filesystem::current_path(), context.spool);
  std::erase(words, "");
  if (words.empty()) throw Quit{kNoSuch, "no job was named"};
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  Names names{words};
  for (auto const& each : words)
    if (reader->means_some(each)) names.find(each);
  refuse_unmatched(*reader, names);
  return words;
}

std::vector<JobRow> jobs_meant(Reader* reader, std::vector<std::string> const& words) {
  if (!reader) throw Quit{kNoSuch, "nothing has been taken in yet"};
  Names names{words};
  std::vector<JobRow> jobs;
  each_job(*reader, names, [&](JobRow const& row) {
    jobs.push_back(row);
    return true;
  });
  add_pictured(*reader, names, jobs);
  refuse_unmatched(*reader, names);
  return jobs;
}

}  // namespace wanspool::app
