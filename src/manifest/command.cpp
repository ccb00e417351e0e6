#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <utility>

#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/manifest.h"

namespace wanspool {
namespace {

using namespace yaml;
using Verb = Command::Verb;

constexpr std::size_t kLongestId = 80;

Keys const kKeys{"a command", {"command", "id", "jobs", "task_id"}};
constexpr std::array kVerbs{std::pair{"redo", Verb::Redo}, std::pair{"adopt", Verb::Adopt},
                            std::pair{"resume", Verb::Resume}, std::pair{"list", Verb::List}};
constexpr std::array kLaterVerbs{"cancel", "retry", "pause", "priority"};

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
      complaints_.add_whole("this command says not what to do; write 'command: redo', adopt, resume or list");
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
    bool const later = std::find(kLaterVerbs.begin(), kLaterVerbs.end(), *word) != kLaterVerbs.end();
    complaints_.add(value, later
                               ? fmt::format("the command '{}' is not understood by this version yet", *word)
                               : fmt::format("command wants redo, adopt, resume or list, not {}{}",
                                             spoken(value), did_you_mean(*word, names)));
    return {};
  }

  void read_for_verb() {
    bool const adopts = command_.verb == Verb::Adopt;
    bool const resumes = command_.verb == Verb::Resume;
    if (adopts || command_.verb == Verb::Redo || (resumes && stands("jobs"))) {
      read_jobs();
    } else {
      refuse("jobs");
    }
    if (!adopts) return refuse("task_id");
    if (auto const* const task = fields_.find("task_id")) {
      read_task_id(task->value);
    } else {
      complaints_.add_whole("adopt wants a task_id: the task of the account that is the job's");
    }
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
    bool const resumes = command_.verb == Verb::Resume;
    std::string_view const wanted =
        resumes ? "a list of manifests such as [cats]" : "a list of names such as [cats/tabby]";
    auto const* const jobs = fields_.find("jobs");
    if (jobs == nullptr || jobs->value.is(Node::Kind::Null)) {
      complaints_.add(jobs == nullptr ? kNowhere : jobs->key.at(),
                      fmt::format("{} wants jobs: {}", word_, wanted));
    } else if (!jobs->value.is(Node::Kind::List)) {
      complaints_.add(jobs->value, fmt::format("jobs is {}, not {}", wanted, spoken(jobs->value)));
    } else if (jobs->value.size() == 0) {
      complaints_.add(jobs->value, fmt::format("jobs is empty; {} wants {}", word_, wanted));
    } else if (adopts && jobs->value.size() != 1) {
      complaints_.add(jobs->value, fmt::format("adopt wants exactly one job, not {}", jobs->value.size()));
    } else {
      for (std::size_t i = 0; i < jobs->value.size(); ++i)
        resumes ? read_manifest(jobs->value[i]) : read_job(jobs->value[i]);
    }
  }

  // Jobs are held back by the manifest.
  void read_manifest(View value) {
    auto const word = read_word(value, "a manifest", complaints_);
    if (!word) return;
    auto name = normal_name(*word);
    if (word->find_first_of("/*?") != std::string::npos || name.empty())
      complaints_.add(value, fmt::format("resume names whole manifests such as cats, not {}", spoken(value)));
    else
      add_name(value, "manifest", std::move(name));
  }

  void add_name(View value, std::string_view what, std::string name) {
    auto& jobs = command_.jobs;
    if (std::find(jobs.begin(), jobs.end(), name) != jobs.end())
      complaints_.add(value, fmt::format("the {} '{}' stands here a second time", what, name));
    else
      jobs.push_back(std::move(name));
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
