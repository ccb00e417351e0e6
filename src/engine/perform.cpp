#include <algorithm>
#include <system_error>

#include "base/log.h"
#include "engine/engine.h"
#include "engine/story.h"

namespace wanspool {

void Engine::perform(Deed const& deed, Instant now) {
  auto const found = tasks_.find(deed.task);
  switch (deed.act) {
    case Act::Submit:
      return submit(found->second);
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

void Engine::submit(Task const& task) {
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
      auto const sink = std::make_shared<PictureSink>(settings_.spool.job_folder(task.name),
                                                      std::filesystem::path{}, picture);
      auto request = provider::download_request(picture.url, sink->resume_from());
      request.sink = sink;
      request.ticket = take_off({Flight::Kind::Picture, id, picture.number, sink});
      ++downloads_open_;
      http_.start(std::move(request));
    } catch (std::system_error const& error) {
      missed.push_back({picture.number, trouble_of(error)});
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
  workers_.submit([this, id, spool = settings_.spool, name = task.name, document = task.document,
                   text = result_json(last, story_of(task))]() -> Workers::After {
    std::optional<Trouble> trouble;
    try {
      store_story(spool.job_folder(name), {}, document, text, {});
    } catch (std::system_error const& error) {
      trouble = trouble_of(error);
    }
    return [this, id, trouble] {
      land(id);
      trouble ? publish_later(id, *trouble) : tell(id, news::Stored{}, clock_.now());
    };
  });
}

void Engine::publish_later(std::int64_t id, Trouble const& trouble) {
  auto const now = clock_.now();
  file_trouble(trouble.message, now);
  auto task = tasks_.at(id);
  task.error = trouble;
  task.due = now + wait_of(policy_.download, task.misses++, static_cast<std::uint64_t>(id));
  put(std::move(task));
}

// A task that failed without a picture leaves its reason where its pictures would have been. Nothing depends
// on it: the queue knows the reason too.
void Engine::tell_failure(Task const& task) {
  workers_.submit([spool = settings_.spool, name = task.name,
                   text = result_json(task, story_of(task))]() -> Workers::After {
    try {
      store_story(spool.job_folder(name), {}, {}, text, {});
    } catch (std::system_error const& error) {
      log::warning("cannot tell the story of a failed job: {}", error.what());
    }
    return {};
  });
}

}  // namespace wanspool
