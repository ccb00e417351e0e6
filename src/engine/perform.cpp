#include <algorithm>
#include <system_error>

#include "base/files.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/story.h"

namespace wanspool {

void Engine::perform(Deed const& deed, Instant now) {
  auto const found = tasks_.find(deed.task);
  switch (deed.act) {
    case Act::Submit:
      return submit(found->second, now);
    case Act::Poll:
      return query(found->second);
    case Act::Download:
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

void Engine::submit(Task const& task, Instant) {
  remember_origin();
  auto request = provider::create_request(endpoint_, settings_.models.at(task.model), store_.body(task.id));
  request.ticket = take_off({Flight::Kind::Create, task.id, 0, nullptr});
  log::debug("sending {}", task.name);
  http_.start(std::move(request));
}

void Engine::query(Task const& task) {
  queries_.began();
  auto request = provider::query_request(endpoint_, task.task_id);
  request.ticket = take_off({Flight::Kind::Query, task.id, 0, nullptr});
  http_.start(std::move(request));
}

void Engine::download(Task const& task, Instant now) {
  std::vector<news::PictureMissed> missed;
  auto const id = task.id;
  for (auto const& picture : task.pictures) {
    if (!picture.file.empty() || !picture.lost.empty()) continue;
    try {
      auto request = provider::download_request(picture.url);
      auto const sink = std::make_shared<PictureSink>(settings_.spool.job_folder(task.name), picture);
      request.sink = sink;
      request.ticket = take_off({Flight::Kind::Picture, id, picture.number, sink});
      ++downloads_open_;
      http_.start(std::move(request));
    } catch (std::system_error const& error) {
      missed.push_back({picture.number, {Trouble::Kind::Lane, "Disk", error.what()}});
    }
  }
  // Paid for: a folder that cannot be written is tried again, and stops buying meanwhile.
  for (auto const& each : missed) {
    file_trouble(each.trouble.message, now);
    tell(id, each, now);
  }
}

Story Engine::story_of(Task const& task) {
  auto const model = settings_.models.find(task.model);
  return {store_.fingerprint(task.id), 1, store_.body(task.id),
          model == settings_.models.end() ? "" : model->second.currency};
}

// All pictures are here or lost: the story is told last, and then the task is over.
void Engine::publish(Task const& task, Instant now) {
  auto const id = task.id;
  auto const last = learn(task, news::Stored{}, policy_, now);
  ++busy_[id];
  workers_.submit([this, id, folder = settings_.spool.job_folder(task.name), document = task.document,
                   text = result_json(last, story_of(task))]() -> Workers::After {
    std::string trouble;
    try {
      store_story(folder, document, text);
    } catch (std::system_error const& error) {
      if (!disk_is_full(error.code())) throw;
      trouble = error.what();
    }
    return [this, id, trouble] {
      land(id);
      auto const then = clock_.now();
      if (trouble.empty()) return tell(id, news::Stored{}, then);
      file_trouble(trouble, then);
      auto task_again = tasks_.at(id);
      task_again.due = then + seconds{2};
      put(std::move(task_again));
    };
  });
}

// A task that failed without a picture leaves its reason where its pictures would have been. Nothing depends
// on it: the queue knows the reason too.
void Engine::tell_failure(Task const& task) {
  workers_.submit([folder = settings_.spool.job_folder(task.name),
                   text = result_json(task, story_of(task))]() -> Workers::After {
    try {
      store_story(folder, {}, text);
    } catch (std::system_error const& error) {
      log::warning("cannot tell the story of a failed job: {}", error.what());
    }
    return {};
  });
}

}  // namespace wanspool
