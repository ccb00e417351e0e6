#include "app/request.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "app/deliver.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/pictured.h"
#include "app/rows.h"
#include "engine/errand_words.h"

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

using json = nlohmann::ordered_json;

json document_of(Command const& command, std::string_view outcome, std::string const& text) {
  return {{"schema", 1},
          {"command", name_of(command.verb)},
          {"id", command.id},
          {"outcome", outcome},
          {"text", text}};
}

void print(json const& document) {
  std::printf("%s\n", document.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

// The rows of a receipt: counts are numbers, the others words.
void add_counts(json& document, std::string const& rows) {
  for (auto const each : kCounts) document[std::string{each}] = 0;
  std::istringstream in{rows};
  for (std::string name, value; in >> name >> value;) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    bool const is_count = error == std::errc{} && end == value.data() + value.size();
    document[name] = is_count ? json(number) : json(value);
  }
}

void tell_answer(Spool const& spool, Command const& command, Delivery const& delivery) {
  auto const became = what_became(spool, delivery);
  auto document = document_of(command,
                              became.fate == Fate::Accepted   ? "accepted"
                              : became.fate == Fate::Rejected ? "rejected"
                                                              : "waiting",
                              became.text);
  if (!became.counts.empty()) add_counts(document, became.counts);
  print(document);
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
  if (command.price) text += fmt::format("price: {} {}\n", decimal(*command.price), command.currency);
  if (!command.task_id.empty()) text += "task_id: " + quoted(command.task_id) + "\n";
  return text;
}

std::string file_of(Command const& command) {
  bool const is_brake = command.verb == Command::Verb::Pause || command.verb == Command::Verb::Resume;
  auto const whole = is_brake && command.jobs.empty() ? "all-" : "";  // engine/inbox_names.h, is_urgent
  return fmt::format("{}-{}{}.yaml", name_of(command.verb), whole, command.id);
}

void print_answer(Command const& command, std::string_view outcome, std::string const& text) {
  print(document_of(command, outcome, text));
}

int hand_over(Context const& context, Command const& command, Screen& screen, bool json) {
  Signals signals{SIGINT, SIGTERM};
  auto const delivery = deliver(context.spool, file_of(command), text_of(command));
  if (!keeper_of(context.spool).is_there) {
    constexpr char kLater[] =
        "in the inbox; no daemon has this spool now, so it takes effect at the next wanspool run or wanspool "
        "daemon";
    screen.say(kLater);
    if (json) print_answer(command, "waiting", kLater);
    return kFine;
  }
  auto const sorted = await(context.spool, {delivery}, kPatience, screen, signals);
  if (sorted.interrupted) leave_by(SIGINT);
  if (sorted.waiting > 0)
    screen.say("in the inbox as " + delivery.source + ", not taken yet; it takes effect when it is");
  if (json) tell_answer(context.spool, command, delivery);
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
