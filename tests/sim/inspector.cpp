#include "sim/inspector.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/sha256.h"

namespace wanspool::sim {

namespace fs = std::filesystem;

namespace {

constexpr Money kPrice{200'000};  // of one picture of wan2.6-t2i
// Five slots, and up to four tasks that wait for one.
constexpr int kAtOnce = 9, kCreates = 5, kQueries = 20, kLists = 20;
// An answer that was heard and waits for its commit.
constexpr milliseconds kCommitMost{5000};
// The longest back-off there is, and a time-out.
constexpr milliseconds kSilenceMost{minutes{25}};

// What was not noticed for want of a program must not make us slow to notice the next.
milliseconds silence_most(Schedule const& schedule) {
  auto longest = kSilenceMost;
  if (kWholeEngine) return longest;
  for (auto const* const list : {&schedule.crashes, &schedule.calm_crashes})
    for (auto const& crash : *list) longest = std::max(longest, kSilenceMost + crash.absence);
  return longest;
}

template <typename... Words>
[[noreturn]] void broken(char const* invariant, fmt::format_string<Words...> words, Words&&... args) {
  throw Broken{invariant, fmt::format(words, std::forward<Words>(args)...)};
}

Money total(Tally const& tally) {
  return tally.reserved + tally.spent + tally.uncertain;
}

}  // namespace

void Inspector::after_start() {
  seen_.clear();
  wishes_.started();
}

void Inspector::before_stop() {
  people();
  wishes_.stopped();
}

void Inspector::after_turn() {
  people();
  money();
  purchases();
  limits();
  reasons();
}

void Inspector::money() {
  auto const covered = total(house_.store->tally()), charged = kPrice * this->charged();
  if (covered < charged)
    broken("the ledger covers the charges", "charged {}, in the ledger {}", decimal(charged),
           decimal(covered));
}

// What was known when it left counts.
void Inspector::buys(std::string const& body) {
  if (auto const why = wishes_.why_not(body); !why.empty()) disobeyed_ = why;
}

void Inspector::people() const {
  if (!disobeyed_.empty()) broken("people are obeyed", "somebody buys {}", disobeyed_);
}

void Inspector::purchases() {
  for (auto const* const world : worlds_) {
    if (!world->doubled.empty()) broken("one request at a time", "{}", world->doubled.front());
    if (!world->rebought.empty() && schedule_.on_uncertain != "resubmit")
      broken("nothing is bought twice", "{}", world->rebought.front());
  }
}

void Inspector::limits() {
  for (auto const* const world : worlds_) {
    if (kWholeEngine && world->most_at_once > kAtOnce)
      broken("limits are kept", "{} tasks at once", world->most_at_once);
    if (kWholeEngine && world->most_creates > kCreates)
      broken("limits are kept", "{} creates in a second", world->most_creates);
    if (world->most_queries > kQueries)
      broken("limits are kept", "{} queries in a second", world->most_queries);
    if (world->most_lists > kLists) broken("limits are kept", "{} lists in a second", world->most_lists);
  }
}

int Inspector::charged() const {
  int sum = 0;
  for (auto const* const world : worlds_) sum += world->charged();
  return sum;
}

test::World::Task const* Inspector::find(std::string const& id) const {
  for (auto const* const world : worlds_)
    if (auto const* const task = world->find(id)) return task;
  return nullptr;
}

std::pair<std::string, int> const* Inspector::served(std::string const& bytes) const {
  for (auto const* const world : worlds_)
    if (auto const found = world->served.find(bytes); found != world->served.end()) return &found->second;
  return nullptr;
}

// What is in flight is asked of the world, the rest of the store.
void Inspector::reasons() {
  std::vector<Request const*> requests;
  for (auto const* const world : worlds_)
    for (auto const* const request : world->in_flight()) requests.push_back(request);
  std::set<std::string> sent;
  for (auto const* request : requests)
    if (request->method == Method::Post && !request->body.empty()) sent.insert(request->body);
  auto const active = house_.store->active();
  std::set<std::string> waiting;
  for (auto const& task : active) {
    bool in_flight = false;
    if (task.state == State::Submitting) {
      auto const body = house_.store->body(task.id);
      in_flight = sent.contains(body);
      if (!waiting.insert(body).second)
        broken("one reason to wait", "two tasks wait for the answer to one request: {}", body);
    } else {
      in_flight = std::any_of(requests.begin(), requests.end(), [&](Request const* request) {
        return request->url.ends_with("/" + task.task_id) ||
               request->url.find("/" + task.task_id + "-") != std::string::npos;
      });
    }
    reason_of(task, in_flight);
  }
  for (auto const& body : sent)
    if (!waiting.contains(body)) broken("log before act", "this was sent and is not known as sent: {}", body);
}

void Inspector::reason_of(Task const& task, bool in_flight) {
  bool const doubt = task.in_doubt();
  if (doubt && in_flight) broken("one reason to wait", "{} is in doubt and in flight", task.name);
  auto const now = worlds_.front()->now();
  auto& [state, since] = seen_.try_emplace(task.id, task.state, now).first->second;
  if (state != task.state || doubt || in_flight) {
    state = task.state;
    since = now;
    return;
  }
  if (now - since > (task.state == State::Submitting ? kCommitMost : silence_most(schedule_)))
    broken("one reason to wait", "{} is {} and nobody has asked about it for {}", task.name,
           name_of(task.state), human(now - since));
}

void Inspector::files() {
  delivered_.clear();
  std::error_code none;
  for (auto const& entry : fs::recursive_directory_iterator{house_.root / "out", none}) {
    auto const name = entry.path().filename().string();
    if (name.starts_with("image-") && name.ends_with(".png")) picture(entry.path());
    if (name == "result.json") story(entry.path());
  }
  for (auto const& entry : fs::recursive_directory_iterator{house_.root / "orphans", none})
    orphan(entry.path());
}

// orphans/TASK_ID/image-1.png
void Inspector::orphan(fs::path const& file) const {
  if (file.extension() != ".png") return;
  auto const* const found = served(read_file(file));
  if (!found || found->first != file.parent_path().filename())
    broken("no wrong bytes under a final name", "{}", fs::relative(file, house_.root).string());
}

// The job that this file belongs to asked for it, and it is whole.
void Inspector::picture(fs::path const& file) {
  auto const name = fs::relative(file, house_.root / "out").string();
  auto const* const found = served(read_file(file));
  if (!found) broken("no wrong bytes under a final name", "{}", name);
  auto const& [id, number] = *found;
  auto const* const task = find(id);
  auto const job = std::find_if(schedule_.jobs.begin(), schedule_.jobs.end(), [&](Job const& each) {
    return name.starts_with(each.manifest + "/" + each.id + "/");
  });
  bool const asked_for =
      job == schedule_.jobs.end() ? name.front() >= 'x' : task->body.find(job->prompt) != std::string::npos;
  // Where somebody else uses our key, a lone task of theirs cannot be told from one of ours.
  if (!task->ours && schedule_.habits.familiars > 0) return;
  if (!task->ours || !asked_for)
    broken("no wrong bytes under a final name", "{} holds a picture of {}, whose request was {}", name, id,
           task->ours ? task->body : "a stranger's");
  delivered_.insert(*found);
}

void Inspector::story(fs::path const& file) {
  auto const json = nlohmann::json::parse(read_file(file), nullptr, false);
  if (json.is_discarded() || !json.contains("state"))
    broken("no wrong bytes under a final name", "{} cannot be read", file.string());
  if (json["state"] != "done") return;
  auto const* const task = find(json.value("task_id", ""));
  if (task && !task->ours && schedule_.habits.familiars > 0) return;
  if (!task || nlohmann::json::parse(task->body) != json["request"])
    broken("no wrong bytes under a final name", "{} tells of a task that was asked for something else",
           file.string());
}

void Inspector::at_rest() {
  paused = canceled = 0;
  open_reader(house_.root / "state/wanspool.db")->jobs("", [&](JobRow const& row) {
    rested(row);
    return true;
  });
}

void Inspector::rested(JobRow const& row) {
  auto const& task = row.task;
  auto const name = row.manifest + "/" + row.job;
  if (task.state == State::Queued) {
    if (!wishes_.is_paused(name))
      broken("people are obeyed", "{} waits, and nobody has paused it: {}", name, task.error.message);
    ++paused;
  } else if (task.state == State::Canceled) {
    if (!wishes_.is_canceled(name))
      broken("people are obeyed", "{} is canceled, and nobody wishes that", name);
    ++canceled;
  } else if (!is_final(task.state) && task.state != State::Held) {
    broken("every job ends", "{} is still {}: {}", name, name_of(task.state), task.error.message);
  }
}

void Inspector::at_end() {
  if (auto const trouble = wishes_.trouble(); !trouble.empty())
    broken("one receipt for each file", "{}", trouble);
  files();
  held = done = failed = pictures = adopted = 0;
  auto const reader = open_reader(house_.root / "state/wanspool.db");
  std::set<std::int64_t> purchases;
  std::set<std::string> names;
  reader->jobs("", [&](JobRow const& row) {
    job(row);
    names.insert(row.manifest + "/" + row.job);
    if (row.task.state == State::Done) purchases.insert(row.task.id);
    for (auto const& refill : reader->refills_of(row.task.id))
      if (refill.state == State::Done) purchases.insert(refill.id);
    return true;
  });
  for (auto const& each : schedule_.jobs)
    if (!names.contains(each.manifest + "/" + each.id))
      broken("every job ends", "{}/{} is nowhere", each.manifest, each.id);
  for (auto const& finding : reader->audit()) broken("the audit finds nothing", "{}", finding.what);
  pictures = static_cast<int>(delivered_.size());
  money();
  books(house_.store->tally(), purchases.size());
  leftovers();
}

void Inspector::job(JobRow const& row) {
  auto const& task = row.task;
  auto const name = row.manifest + "/" + row.job;
  switch (task.state) {
    case State::Done:
      ++done;
      adopted += task.adopted;
      for (auto const& each : task.pictures) {
        auto const file = house_.root / "out" / name / each.file;
        if (each.file.empty() || !fs::exists(file))
          broken("nothing is lost", "{} is done and {} is not there", name, each.file);
        if (sha256_hex(read_file(file)) != each.sha256)
          broken("nothing is lost", "{}/{} has another sum than the queue says", name, each.file);
      }
      if (!fs::exists(house_.root / "out" / name / "result.json"))
        broken("nothing is lost", "{} is done and its result.json is not there", name);
      return;
    case State::Failed:
    case State::Held:
      ++(task.state == State::Held ? held : failed);
      if (task.error.code.empty() || task.error.message.empty())
        broken("every job ends", "{} is {} without a reason", name, name_of(task.state));
      if (task.state == State::Held && kWholeEngine && schedule_.is_fair())
        broken("every job ends", "{} is held: {}", name, task.error.message);
      return;
    case State::Canceled:
      // Who has wished it again at last gets it, but for what may have been paid.
      if (schedule_.is_fair() || (task.spent == Money{} && task.uncertain == Money{}))
        broken("every job ends", "{} is still canceled: {}", name, task.error.message);
      return;
    default:
      broken("every job ends", "{} is still {}: {}", name, name_of(task.state), task.error.message);
  }
}

// To the micro, where nothing but the house could be the reason for a difference.
void Inspector::books(Tally const& tally, std::size_t purchases) {
  if (!schedule_.is_fair() || held > 0) return;
  auto const charged = this->charged();
  if (charged != pictures) broken("bills = pictures", "{} charged, {} delivered", charged, pictures);
  if (tally.spent != kPrice * charged)
    broken("bills = pictures", "{} spent by the ledger, {} by the provider", decimal(tally.spent),
           decimal(kPrice * charged));
  if (tally.uncertain != Money{} || tally.reserved != Money{})
    broken("bills = pictures", "{} uncertain and {} reserved at the end", decimal(tally.uncertain),
           decimal(tally.reserved));
  std::size_t made = 0;
  for (auto const* const world : worlds_)
    for (auto const& task : world->tasks())
      made += task.ours && !task.fails && !task.failed && !task.canceled;
  if (made != purchases) broken("bills = pictures", "{} tasks were made for {} purchases", made, purchases);
}

void Inspector::leftovers() const {
  for (auto const& entry : fs::recursive_directory_iterator{house_.root})
    if (entry.path().extension() == ".part" &&
        (kWholeEngine || entry.path().filename() != "result.json.part"))
      broken("no .part is left", "{}", fs::relative(entry.path(), house_.root).string());
}

}  // namespace wanspool::sim
