#include "store/support.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "base/fd.h"

namespace wanspool {

TempFolder::TempFolder() {
  auto name = (std::filesystem::temp_directory_path() / "wanspool-store-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error{"cannot make " + name};
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

NewManifest manifest(std::string const& name, std::string const& claim, Instant when) {
  return {name, claim, name + ".yaml", "sha-of-" + claim, when};
}

NewJob job(std::string const& name, int line, std::string request) {
  if (request.empty()) request = name;
  return {name, line,         "fingerprint-" + request, "{\"prompt\":\"" + request + "\"}", "wan2.6-image",
          2,    Money{200000}};
}

std::vector<NewJob> jobs(int count) {
  std::vector<NewJob> made;
  for (int i = 1; i <= count; ++i) made.push_back(job(std::to_string(i), i));
  return made;
}

Taken take_in(Store& store, std::string const& name, std::vector<NewJob> const& jobs, Instant when) {
  static int claims = 0;
  auto const claim = std::to_string(::getpid()) + "-" + std::to_string(++claims);
  auto const id = store.begin_manifest(manifest(name, claim, when));
  for (auto const& clash : store.add_jobs(id, jobs)) throw std::runtime_error{clash.text};
  return store.publish_manifest(id, when);
}

std::vector<Task> all_queued(Store& store) {
  return store.queued("wan2.6-image", 1'000'000, nullptr);
}

Task distinct(Task task) {
  int n = 1000;
  auto const time = [&] { return at(++n); };
  auto const text = [&] { return "text " + std::to_string(++n) + " with 'quotes' and ü"; };
  task.account = text();
  task.due = time();
  task.answered = time();
  task.possible_until = time();
  task.wanted = ++n;
  task.price = Money{++n};
  task.reserved = Money{++n};
  task.spent = Money{++n};
  task.uncertain = Money{++n};
  task.task_id = text();
  task.request_id = text();
  task.adopted = true;
  task.creates = ++n;
  task.failures = ++n;
  task.polls = ++n;
  task.misses = ++n;
  task.ask_again = true;
  task.cancel = Cancel::Told;
  task.unknown_since = time();
  task.times = {time(), time(), time(), time(), time(), time(), text(), text(), text()};
  for (int number = 1; number <= 3; ++number)
    task.pictures.push_back({number, text(), time(), text(), text(), ++n, ++n, ++n, ++n, text()});
  task.image_count = ++n;
  task.document = text();
  task.usage = text();
  task.error = {Trouble::Kind::Account, text(), text(), milliseconds{++n}, true};
  return task;
}

std::string in_child(std::function<void()> const& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
  Fd const from{ends[0]};
  Fd to{ends[1]};
  auto const child = ::fork();
  if (child < 0) throw std::runtime_error{"no child"};
  if (child == 0) {
    std::string words;
    try {
      work();
    } catch (std::exception const& error) {
      words = error.what();
      if (words.empty()) words = "something was thrown";
    }
    ::_exit(::write(to.get(), words.data(), words.size()) < 0 ? 1 : 0);
  }
  to.reset();
  std::string words;
  char piece[4096];
  for (ssize_t got; (got = ::read(from.get(), piece, sizeof piece)) > 0;)
    words.append(piece, static_cast<std::size_t>(got));
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? words : "the child ended with status " + std::to_string(status) + " " + words;
}

}  // namespace wanspool
