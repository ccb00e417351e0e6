#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/count.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/engine.h"

// After an older copy of the queue was put back: what it does not know of was bought meanwhile, and must be
// found before anything is bought.
namespace wanspool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kChunk = 500;
// What was made a little before the copy and is not in it counts as made since; so does more where nothing
// tells how the provider's clock goes.
constexpr milliseconds kStampMargin{seconds{5}}, kStampMarginUnmeasured{hours{1}};

std::string text_of(json const& object, char const* key) {
  auto const found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// A picture of a story that lies there with the size it should have; none if any is not as told.
// They are named as seen from `home`, the folder of the job that they were bought for.
std::optional<std::vector<Picture>> pictures_of(json const& story, fs::path const& folder,
                                                fs::path const& home) {
  std::vector<Picture> pictures;
  for (auto const& each : story.value("pictures", json::array())) {
    Picture picture;
    picture.number = static_cast<int>(pictures.size()) + 1;
    picture.file = text_of(each, "file");
    picture.sha256 = text_of(each, "sha256");
    picture.bytes = each.value("bytes", std::int64_t{0});
    picture.width = each.value("width", 0);
    picture.height = each.value("height", 0);
    std::error_code missing;
    auto const size = fs::file_size(folder / picture.file, missing);
    if (picture.file.empty() || missing || static_cast<std::int64_t>(size) != picture.bytes) return {};
    picture.file = (folder / picture.file).lexically_normal().lexically_relative(home).generic_string();
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

// What a story says of the end of its task; none if it is no story of a task that is done and there.
std::optional<Task> ended_by(json const& story, fs::path const& folder, fs::path const& out, Task task,
                             Instant now) {
  auto pictures = pictures_of(story, folder, out / task.name);
  auto const cost = story.value("cost", json::object());
  auto const spent = read_money(text_of(cost, "spent"));
  if (text_of(story, "state") != "done" || text_of(story, "task_id").empty() || !pictures || !spent)
    return {};
  // What was sent stays where the queue has it.
  if (task.state == State::Queued) task.account = text_of(story, "account");
  task.state = State::Done;
  task.task_id = text_of(story, "task_id");
  task.request_id = text_of(story, "request_id");
  task.possible_until = {};
  // Of a story with refills only the first answer's share: its refills are tasks of their own.
  auto const charged = cost.value("pictures_charged", 0);
  auto const usage = story.value("usage", json::object());
  task.image_count = usage.is_object() ? usage.value("image_count", charged) : charged;
  if (auto const own = static_cast<std::size_t>(std::max(task.image_count, 0)); pictures->size() > own)
    pictures->resize(own);
  task.pictures = std::move(*pictures);
  task.spent = task.image_count == charged ? *spent : task.price * task.image_count;
  task.reserved = {};
  // When it was made is told by the list alone.
  task.adopted = true;
  task.times.accepted = now;
  task.times.done = now;
  task.error = {};
  if (usage.is_object() && !usage.empty()) task.usage = usage.dump();
  return task;
}

}  // namespace

void Engine::begin_restore(Instant now) {
  paused_ = store_.fact("paused");
  auto const stamp = store_.fact("stamp");
  if (stamp.empty()) return;
  stamp_ = Instant{milliseconds{std::stoll(stamp)}};
  paused_ = fmt::format("the queue is a copy of {}; what was bought since is looked for", rfc3339(stamp_));
  store_.set_fact("paused", paused_);
  for (auto const& [name, account] : accounts_) unread_.insert(name);
  auto const found = match_stories(now);
  log::warning("{}; found done in out/: {}", paused_, count_of(static_cast<std::int64_t>(found), "job"));
}

// out/**/result.json names the fingerprint and the task of what is there.
std::size_t Engine::match_stories(Instant now) {
  std::size_t found = 0;
  Batch batch;
  batch.at = now;
  for (auto const& entry : fs::recursive_directory_iterator{settings_.spool.out}) {
    if (entry.path().filename() != "result.json") continue;
    auto const story = json::parse(read_file(entry.path()), nullptr, false);
    if (!story.is_object()) continue;
    auto const unfinished = store_.unfinished(text_of(story, "fingerprint"));
    if (!unfinished) continue;
    auto const done = ended_by(story, entry.path().parent_path(), settings_.spool.out, *unfinished, now);
    if (!done) continue;
    batch.tasks.push_back(*done);
    ++found;
    if (batch.tasks.size() == kChunk) {
      store_.commit(batch);
      batch.tasks.clear();
    }
  }
  store_.commit(batch);
  return found;
}

// Every task that our keys made since, and that nobody here knows, is fetched into orphans/.
void Engine::look_for_strangers(Account const& account, Verdicts const& verdicts,
                                std::vector<ListRow> const& rows, Instant now) {
  std::map<std::string, bool> known;  // and whether it is an orphan
  for (auto const& each : known_tasks(account, now)) known[each.task_id] = each.orphan;
  bool const measured = verdicts.skew_low != milliseconds{0} || verdicts.skew_high != milliseconds{0};
  auto const earliest = stamp_ + verdicts.skew_low - (measured ? kStampMargin : kStampMarginUnmeasured);
  for (auto const& row : rows) {
    if (row.created < earliest) continue;
    // An orphan was found before a stop, when another account's list was not read yet.
    if (auto const found = known.find(row.task_id); found != known.end()) {
      since_copy_ += found->second;
      continue;
    }
    if (!verdicts.own_keys.empty() && !verdicts.own_keys.contains(row.api_key_id)) continue;
    if (verdicts.own_keys.empty()) {
      ++unclear_;
      continue;
    }
    file_orphan(account, row, row.created, 0);
    ++since_copy_;
  }
}

// Whether what was bought since is what a queued job wants cannot be told from the lists, so then a person
// decides; so, too, where they do not reach back to the copy, or cannot be had.
void Engine::end_restore(Instant now) {
  bool const too_old = now - stamp_ >= policy_.task_life;
  facts_["stamp"] = "";
  auto const since = rfc3339(stamp_);
  stamp_ = {};
  if (since_copy_ == 0 && unclear_ == 0 && !too_old && unseen_.empty()) {
    log::info("nothing was bought since {} that is not known here; pictures are bought again", since);
    return unpause();
  }
  auto const orphans = fmt::format(
      "{} of them are fetched into orphans/. What is queued may be among them: look there, 'wanspool adopt' "
      "what belongs to a job, then 'wanspool resume'",
      since_copy_);
  if (!unseen_.empty())
    paused_ = fmt::format(
        "the queue is a copy of {}, and what was bought since cannot be seen: {}; look at "
        "the provider's console, then {}",
        since, unseen_,
        since_copy_ > 0 ? "at the tasks of the other account: " + orphans : std::string{"'wanspool resume'"});
  else if (too_old)
    paused_ = fmt::format("the queue is a copy of {}, and the account's list reaches back only a day; {}",
                          since, orphans);
  else
    paused_ = fmt::format("since the copy of {} was made the account bought {}; {}", since,
                          count_of(since_copy_ + unclear_, "task"), orphans);
  facts_["paused"] = paused_;
  log::warning("{}", paused_);
}

// Whether the list was the last word on a create that was unanswered when the copy was made nobody can tell:
// what came after it is nobody's any more.
void Engine::give_up_doubts_of_copy(Instant now) {
  if (stamp_ == Instant{}) return;
  std::vector<std::int64_t> doubts;
  for (auto const& [id, memory] : doubts_) doubts.push_back(id);
  for (auto const id : doubts)
    tell(id, news::Undecidable{"it was unanswered when the copy of the queue was made; look in orphans/"},
         now);
}

void Engine::end_restore_unseen(Account const& account, std::string const& why, Instant now) {
  if (stamp_ == Instant{} || unread_.erase(account.name) == 0) return;
  unseen_ += (unseen_.empty() ? "" : "; ") +
             (accounts_.size() > 1 ? "account " + account_name(account.name) + ": " + why : why);
  if (unread_.empty()) end_restore(now);
}

// Unless a person had paused the spool before the copy was made.
void Engine::unpause() {
  paused_ = store_.fact("pause");
  facts_["paused"] = paused_;
}

}  // namespace wanspool
