#include <algorithm>
#include <system_error>

#include "base/disk.h"
#include "base/log.h"
#include "base/sha256.h"
#include "engine/engine.h"
#include "engine/older.h"
#include "engine/paths.h"
#include "engine/story.h"
#include "provider/addresses.h"

namespace wanspool {
namespace {

constexpr int kRefillsMost = 2;

// Names that the family's pictures have or may still get.
std::set<std::string> files_of(std::vector<Task> const& family) {
  std::set<std::string> files;
  for (auto const& each : family) {
    PicturePaths const paths{each};
    for (auto const& picture : each.pictures)
      files.insert(picture.file.empty() ? paths.file(picture.number) : picture.file);
    if (is_final(each.state)) continue;
    for (int i = static_cast<int>(each.pictures.size()); i < each.wanted; ++i)
      files.insert(paths.file(each.first + i));
  }
  return files;
}

// A document is written before its pictures have their places.
std::string placed_document(Task const& task) {
  std::vector<std::string> from, to;
  for (auto const& each : task.pictures) {
    if (each.file.empty()) continue;
    from.push_back("image-" + std::to_string(each.number) + ".png");
    to.push_back(each.file);
  }
  return with_links(task.document, from, to);
}

void remove_folder(std::filesystem::path const& folder) {
  std::error_code missing;
  if (!std::filesystem::is_directory(folder, missing)) return;
  for (auto const& entry : std::filesystem::directory_iterator{folder}) disk::remove(entry.path());
  std::filesystem::remove(folder, missing);
}

}  // namespace

void Engine::perform(Deed const& deed, Instant now) {
  auto const found = tasks_.find(deed.task);
  if (found == tasks_.end()) return;
  // What was heard since may ask for another act.
  switch (deed.act == Act::Submit ? deed.act : next(found->second, now).act) {
    case Act::Submit:
      return submit(found->second);
    case Act::Poll:
      return query(found->second);
    case Act::CancelRemote:
      return cancel(found->second);
    case Act::Download:
      refresh_place(deed.task);
      return found->second.complete() ? publish(found->second, now) : download(found->second, now);
    case Act::None:
      return;
  }
}

std::uint64_t Engine::take_off(Flight flight) {
  ++busy_[flight.task];
  flights_.emplace(++last_ticket_, std::move(flight));
  return last_ticket_;
}

void Engine::submit(Task const& task) {
  auto body = task.brings_inputs() ? inputs_.take_body(task) : store_.body(task.id);
  auto request =
      provider::create_request(account_of(task).endpoint, settings_.models.at(task.model), std::move(body));
  request.ticket = take_off({Flight::Kind::Create, task.id, 0, nullptr});
  log::debug("sending {}", task.name);
  http_.start(std::move(request));
}

// For a picture that goes in: it is nobody's task's.
std::uint64_t Engine::send_input(Request request) {
  auto const ticket = ++last_ticket_;
  flights_.emplace(ticket, Flight{Flight::Kind::Input, 0, 0, nullptr});
  request.ticket = ticket;
  http_.start(std::move(request));
  return ticket;
}

void Engine::query(Task const& task) {
  auto& account = account_of(task);
  account.queries.began();
  auto request = provider::query_request(account.endpoint, task.task_id);
  request.ticket = take_off({Flight::Kind::Query, task.id, 0, nullptr});
  http_.start(std::move(request));
}

// Where the pictures of a task go, and those that they replace; an orphan's are nobody's to replace.
std::filesystem::path Engine::folder_of(Task const& task) const {
  auto const& spool = settings_.spool;
  return task.orphan ? spool.orphan_folder(task.task_id) : spool.job_folder(task.name);
}

std::filesystem::path Engine::old_folder_of(Task const& task) const {
  return task.orphan ? std::filesystem::path{} : settings_.spool.old_folder(task.name);
}

// Takes care that no link leads it elsewhere.
std::shared_ptr<PictureSink> Engine::sink_for(Task const& task, Picture wanted) const {
  auto const& spool = settings_.spool;
  wanted.file = PicturePaths{task}.file(wanted.number);
  if (task.orphan || task.place.empty())
    return std::make_shared<PictureSink>(folder_of(task), old_folder_of(task), wanted);
  spool.picture_path(task.name, wanted.file);
  return std::make_shared<PictureSink>(folder_of(task), old_folder_of(task), wanted,
                                       spool.displaced_folder(task.name));
}

void Engine::download(Task const& task, Instant now) {
  std::vector<news::PictureMissed> missed;
  auto const id = task.id;
  auto const pictures = task.pictures;  // a copy may be heard of while it is being begun
  for (auto const& picture : pictures) {
    if (!picture.file.empty() || !picture.lost.empty()) continue;
    try {
      // An adopted one may tell the sum of what came before; what comes now is taken as it is.
      auto wanted = picture;
      wanted.sha256.clear();
      auto const sink = sink_for(task, std::move(wanted));
      if (auto const here = picture_at_hand(task, picture); !here.empty())
        copy_from(here, id, picture.number, sink);
      else if (picture.url.empty())
        missed.push_back(
            {picture.number, {Trouble::Kind::Lane, "NoAddress", "its address has to be asked for"}, true});
      else if (auto const why = result_hosts_.why_not(picture.url); !why.empty())
        missed.push_back({picture.number, {Trouble::Kind::Lane, provider::kAddressRefused, why}});
      else
        fetch(id, picture, sink);
    } catch (std::system_error const& error) {
      missed.push_back({picture.number, trouble_of(error)});
    }
  }
  // Paid for: a folder that cannot be written is tried again, and stops buying meanwhile.
  for (auto& each : missed) {
    if (each.trouble.code == provider::kAddressRefused)
      note_refusal(id, each, now);
    else if (!each.expired)
      file_trouble(each.trouble.message, now);
    tell(id, each, now);
  }
}

void Engine::fetch(std::int64_t id, Picture const& picture, std::shared_ptr<PictureSink> const& sink) {
  auto request = provider::download_request(picture.url, sink->resume_from());
  request.sink = sink;
  request.ticket = take_off({Flight::Kind::Picture, id, picture.number, sink});
  ++downloads_open_;
  http_.start(std::move(request));
}

// What an adopted task brought when it still was nobody's lies in orphans/; "" if it does not.
std::filesystem::path Engine::picture_at_hand(Task const& task, Picture const& picture) const {
  if (!task.adopted || task.orphan) return {};
  Task orphan;
  auto const path = settings_.spool.orphan_folder(task.task_id) /
                    PicturePaths{orphan}.file(picture.number - task.first + 1);
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) ? path : std::filesystem::path{};
}

void Engine::copy_from(std::filesystem::path const& from, std::int64_t id, int number,
                       std::shared_ptr<PictureSink> sink) {
  ++busy_[id];
  workers_.submit([this, from, id, number, sink = std::move(sink)]() -> Workers::After {
    if (copy_picture(from, *sink)) return after_picture(id, sink->finish());
    if (auto const trouble = sink->disk_trouble()) {
      sink->discard();
      return after_picture(id, news::PictureMissed{number, *trouble});
    }
    // Then the provider is asked for it.
    sink->discard();
    std::error_code ignored;
    std::filesystem::remove(from, ignored);
    return after_picture(
        id, news::PictureMissed{number, {Trouble::Kind::Retry, "BadPicture", sink->complaint()}, true});
  });
}

Story Engine::story_of(Task const& task) {
  auto const model = settings_.models.find(task.model);
  return {store_.fingerprint(task.id), task.take, store_.body(task.id),
          model == settings_.models.end() ? "" : model->second.currency};
}

// A job's task first and then what refilled it, each as the memory has it; `task` as it is given. Nothing if
// the job has gone on to another purchase meanwhile.
std::vector<Task> Engine::family_of(Task const& task) {
  if (task.orphan) return {task};
  std::vector<Task> family{task};
  if (task.parent != 0) {
    auto const root = store_.wanted(task.name);
    if (!root) return {};
    family.front() = root->task;
  }
  for (std::size_t i = 0; i < family.size(); ++i)
    for (auto const& refill : store_.refills_of(family[i].id)) family.push_back(refill);
  bool is_one_of_them = false;
  for (auto& each : family) {
    is_one_of_them = is_one_of_them || each.id == task.id;
    if (each.id == task.id)
      each = task;
    else if (auto const known = tasks_.find(each.id); known != tasks_.end())
      each = known->second;
  }
  return is_one_of_them ? family : std::vector<Task>{};
}

// All pictures are here or lost: the story is told last, and then the task is over. A refill's story is its
// job's, told as soon as that is over itself.
void Engine::publish(Task const& task, Instant now) try {
  if (settle_places(task)) return;
  auto const id = task.id;
  auto const last = learn(task, news::Stored{}, policy_, now);
  auto const family = family_of(last);
  bool const tells = !family.empty() && is_final(family.front().state);
  auto const files = files_of(family);
  auto const folder = folder_of(task), old = old_folder_of(task);
  ++busy_[id];
  workers_.submit([this, id, tells, files, folder, old, told = safe_pictures(family).size(),
                   orphaned = task.adopted && !task.orphan ? settings_.spool.orphan_folder(task.task_id)
                                                           : std::filesystem::path{},
                   document = placed_document(task),
                   text = tells ? result_json(family.front(), story_of(family.front()), family)
                                : std::string{}]() -> Workers::After {
    std::optional<Trouble> trouble;
    try {
      if (tells) store_story(folder, old, document, text, files);
      if (!orphaned.empty()) remove_folder(orphaned);
    } catch (std::system_error const& error) {
      trouble = trouble_of(error);
    }
    return [this, id, trouble, tells, told] {
      land(id);
      if (trouble) return publish_later(id, *trouble);
      if (refresh_place(id)) return publish_again(id);
      if (tells && safe_pictures(family_of(tasks_.at(id))).size() != told) return publish_again(id);
      tell(id, news::Stored{}, clock_.now());
    };
  });
} catch (std::system_error const& error) {  // a folder that leads elsewhere, or nowhere
  publish_later(task.id, trouble_of(error));
}

// A refill came while the story was written.
void Engine::publish_again(std::int64_t id) {
  auto task = tasks_.at(id);
  task.due = clock_.now();
  put(std::move(task));
}

void Engine::publish_later(std::int64_t id, Trouble const& trouble) {
  auto const now = clock_.now();
  file_trouble(trouble.message, now);
  auto task = tasks_.at(id);
  task.error = trouble;
  task.due = now + wait_of(policy_.download, task.misses++, static_cast<std::uint64_t>(id));
  put(std::move(task));
}

// A task that failed without a picture leaves its reason where its pictures would have been, but never in the
// place of another purchase's story. Nothing depends on it: the queue knows the reason too.
void Engine::tell_failure(Task const& task) {
  if (task.take > 1) return;
  workers_.submit([spool = settings_.spool, name = task.name,
                   text = result_json(task, story_of(task), {task})]() -> Workers::After {
    try {
      auto const folder = spool.job_folder(name);
      auto const key = older_key(folder / "result.json");
      if (key.empty() || key == key_of_story(text)) store_story(folder, {}, {}, text, {});
    } catch (std::system_error const& error) {
      log::warning("cannot tell the story of a failed job: {}", error.what());
    }
    return {};
  });
}

// Pictures that the answer lacked are bought as a purchase of their own, in the commit that settles the
// answer.
void Engine::refill(Task const& task) {
  auto const missing = task.wanted - static_cast<int>(task.pictures.size());
  if (!task.refill || task.orphan || task.refills >= kRefillsMost || missing <= 0) return;
  auto const fingerprint = sha256_hex(store_.fingerprint(task.id) + "/refill");
  auto body = provider::refill_body(store_.body(task.id), missing, provider::seed_of(fingerprint, 1));
  if (body.empty()) return;
  log::info("{} lacks {} of its pictures; they are bought again", task.name, missing);
  refills_.push_back(
      {task.id, missing, task.first + static_cast<int>(task.pictures.size()), fingerprint, std::move(body)});
}

}  // namespace wanspool
