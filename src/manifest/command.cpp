#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <set>
#include <utility>

#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/manifest.h"
#include "manifest/patterns.h"

namespace wanspool {
namespace {

using namespace yaml;
using Verb = Command::Verb;

constexpr std::size_t kLongestId = 80;

Keys const kKeys{"a command", {"command", "id", "jobs", "task_id", "price", "failed", "priority"}};
constexpr std::array kVerbs{std::pair{"redo", Verb::Redo},         std::pair{"adopt", Verb::Adopt},
                            std::pair{"cancel", Verb::Cancel},     std::pair{"retry", Verb::Retry},
                            std::pair{"pause", Verb::Pause},       std::pair{"resume", Verb::Resume},
                            std::pair{"priority", Verb::Priority}, std::pair{"list", Verb::List}};
constexpr char kVerbNames[] = "redo, adopt, cancel, retry, pause, resume, priority or list";

bool is_id(std::string_view word) {
  auto const is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
  };
  return word.size() <= kLongestId && std::all_of(word.begin(), word.end(), is_allowed);
}

// MANIFEST/JOB as the spool knows it; "" if this is no such name.
std::string normal_job(std::string_view word) {
  auto name = normal_path(word);
  return name.find('/') == name.npos ? std::string{} : name;
}

class CommandReader {
 public:
  CommandReader(View root, Complaints& complaints)
      : fields_{root, kKeys, complaints}, complaints_{complaints} {}

  Command read() {
    auto const* const verb = fields_.find("command");
    if (verb == nullptr) {
      complaints_.add_whole(fmt::format("this command says not what to do; 'command' is {}", kVerbNames));
    } else if (auto const known = read_verb(verb->value)) {
      command_.verb = *known;
      read_for_verb();
    }
    if (auto const* const id = fields_.find("id")) read_id(id->value);
    return std::move(command_);
  }

 private:
  std::optional<Verb> read_verb(View value) {
    auto const word = read_word(value, "command", complaints_);
    if (!word) return {};
    std::vector<std::string> names;
    for (auto const& [name, verb] : kVerbs) {
      if (*word == name) {
        word_ = name;
        return verb;
      }
      names.emplace_back(name);
    }
    complaints_.add(value, fmt::format("command wants {}, not {}{}", kVerbNames, spoken(value),
                                       did_you_mean(*word, names)));
    return {};
  }

  void read_for_verb() {
    auto const verb = command_.verb;
    read_failed();
    if (verb == Verb::List) {
      refuse("jobs");
    } else if (!means_all() || stands("jobs")) {
      read_jobs();
    }
    if (verb == Verb::Priority) {
      read_priority();
    } else {
      refuse("priority");
    }
    if (verb != Verb::Redo) {
      refuse("price");
    } else if (auto const* const price = fields_.find("price")) {
      read_agreed(price->value);
    }
    if (verb != Verb::Adopt) return refuse("task_id");
    if (auto const* const task = fields_.find("task_id")) {
      read_task_id(task->value);
    } else {
      complaints_.add_whole("adopt wants a task_id: the task of the account that is the job's");
    }
  }

  // Without jobs it means the whole spool, or all that has failed.
  bool means_all() const {
    auto const verb = command_.verb;
    return verb == Verb::Pause || verb == Verb::Resume || (verb == Verb::Retry && command_.failed);
  }

  void read_failed() {
    if (command_.verb != Verb::Retry) return refuse("failed");
    auto const* const failed = fields_.find("failed");
    if (failed == nullptr) return;
    if (auto const said = read_boolean(failed->value, "failed", complaints_)) command_.failed = *said;
  }

  void read_agreed(View value) {
    auto const word = read_word(value, "price", complaints_);
    if (!word) return;
    auto const blank = std::min(word->find(' '), word->size());
    command_.price = read_money(word->substr(0, blank));
    command_.currency = trimmed(word->substr(blank));
    if (!command_.price || command_.currency.empty())
      complaints_.add(
          value, fmt::format("price is what all of them may cost, such as '60 CNY', not {}", spoken(value)));
  }

  void read_priority() {
    auto const* const level = fields_.find("priority");
    if (level == nullptr)
      return complaints_.add_whole("priority wants 'priority: high', normal or low beside its jobs");
    auto const word = read_word(level->value, "priority", complaints_);
    if (!word) return;
    for (auto const each : {Priority::High, Priority::Normal, Priority::Low})
      if (*word == name_of(each)) {
        command_.priority = each;
        return;
      }
    complaints_.add(level->value,
                    fmt::format("priority is high, normal or low, not {}", spoken(level->value)));
  }

  // Under this very name, and not under one that may mean it.
  bool stands(std::string_view key) const {
    auto const* const found = fields_.find(key);
    return found != nullptr && found->key.text() == key;
  }

  void refuse(std::string_view key) {
    if (stands(key))
      complaints_.add(fields_.find(key)->key, fmt::format("{} wants no '{}'; take it out", word_, key));
  }

  void read_jobs() {
    bool const adopts = command_.verb == Verb::Adopt;
    bool const one_by_one = adopts || command_.verb == Verb::Redo;
    std::string_view const wanted = one_by_one ? "a list of names such as [cats/tabby]"
                                               : "a list of names such as [cats, dogs/rex, 'birds/**']";
    auto const* const jobs = fields_.find("jobs");
    if (jobs == nullptr || jobs->value.is(Node::Kind::Null)) {
      complaints_.add(
          jobs == nullptr ? kNowhere : jobs->key.at(),
          fmt::format("{} wants jobs: {}{}", word_, wanted,
                      command_.verb == Verb::Retry ? "; or failed: true, all that has failed" : ""));
    } else if (!jobs->value.is(Node::Kind::List)) {
      complaints_.add(jobs->value, fmt::format("jobs is {}, not {}", wanted, spoken(jobs->value)));
    } else if (jobs->value.size() == 0) {
      complaints_.add(jobs->value, fmt::format("jobs is empty; {} wants {}", word_, wanted));
    } else if (adopts && jobs->value.size() != 1) {
      complaints_.add(jobs->value, fmt::format("adopt wants exactly one job, not {}", jobs->value.size()));
    } else {
      for (std::size_t i = 0; i < jobs->value.size(); ++i)
        one_by_one ? read_job(jobs->value[i]) : read_pattern(jobs->value[i]);
    }
  }

  // A manifest, what lies below a name, or a glob.
  void read_pattern(View value) {
    auto const word = read_word(value, "a job", complaints_);
    if (!word) return;
    auto pattern = normal_pattern(*word);
    if (pattern.empty())
      complaints_.add(value, fmt::format("{} names no job; '**' means all", spoken(value)));
    else
      add_name(value, "name", std::move(pattern));
  }

  void add_name(View value, std::string_view what, std::string name) {
    if (!names_.insert(name).second)
      complaints_.add(value, fmt::format("the {} '{}' stands here a second time", what, name));
    else
      command_.jobs.push_back(std::move(name));
  }

  void read_job(View value) {
    auto const word = read_word(value, "a job", complaints_);
    if (!word) return;
    // Taken for a name it would lose its star, and name a job that nobody meant.
    if (word->find_first_of("*?") != std::string::npos) {
      complaints_.add(value, fmt::format("'{}' is a pattern; here every job is named by itself", *word));
      return;
    }
    auto name = normal_job(*word);
    if (name.empty())
      complaints_.add(value, fmt::format("a job is named MANIFEST/JOB, not {}", spoken(value)));
    else
      add_name(value, "job", std::move(name));
  }

  void read_task_id(View value) {
    auto word = read_word(value, "task_id", complaints_);
    if (!word) return;
    if (is_id(*word)) {
      command_.task_id = std::move(*word);
    } else {
      complaints_.add(
          value, fmt::format("{} can be no task_id; show lists those that may be the job's", spoken(value)));
    }
  }

  void read_id(View value) {
    auto word = read_word(value, "id", complaints_);
    if (!word) return;
    if (is_id(*word)) {
      command_.id = std::move(*word);
    } else {
      complaints_.add(value, fmt::format("id wants 1 to {} letters, digits, '.', '_' or '-', not {}",
                                         kLongestId, spoken(value)));
    }
  }

  Fields fields_;
  Complaints& complaints_;
  Command command_;
  std::string_view word_;  // the verb
  std::set<std::string> names_;
};

// Thrown by a listener as soon as the text is known for what it is, since manifests may be long.
struct Known {
  bool is_command;
};

bool has_command(Text const& text) {
  Complaints complaints{text, ""};
  Listener listener;
  listener.streamed = "jobs";
  listener.pair = [](Node const& key, Node const&) {
    if (key.text == "command") throw Known{true};
    if (key.text == "manifest") throw Known{false};
  };
  listener.item = [](Node const& node) {
    if (View{node}.is(Node::Kind::Map)) throw Known{false};
  };
  try {
    read_document(text, complaints, listener);
  } catch (Known const& known) {
    return known.is_command;
  }
  return false;
}

}  // namespace

bool is_command(std::string_view text) {
  try {
    return has_command(Text{text});
  } catch (std::exception const&) {
    return false;  // what cannot be read at all is for the manifest's reader to complain of
  }
}

CommandRead read_command(std::string_view text, std::string const& file) {
  Text const source{text};
  Complaints complaints{source, file};
  CommandRead result;
  auto const root = read_tree(source, complaints);
  result.command = CommandReader{View{root}, complaints}.read();
  result.complaints = complaints.take();
  return result;
}

}  // namespace wanspool
