#include "engine/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "engine/older.h"

namespace wanspool {
namespace {

Trouble hopeless(std::string code, std::string words) {
  return {Trouble::Kind::Fatal, std::move(code), std::move(words)};
}

// Where a picture of this purchase may lie: in its place, or where something newer has pushed it.
std::vector<std::filesystem::path> places_of(Spool const& spool, Task const& task, Picture const& picture,
                                             std::string const& fingerprint) {
  auto const file = std::filesystem::path{picture.file}.filename();
  return {spool.picture_path(task.name, picture.file),
          displaced_file(spool.displaced_folder(task.name), picture.sha256),
          spool.old_folder(task.name) / fingerprint.substr(0, 12) / file};
}

}  // namespace

Inputs::Inputs(Spool const& spool, Models const& models, Store& store, Workers& workers, Backoff backoff,
               Uploads::Outside outside)
    : spool_{spool},
      models_{models},
      store_{store},
      uploads_{store, workers, backoff, outside},
      fetches_{spool.files, spool.spill, store, workers, backoff, outside.send} {}

Inputs::Look Inputs::look(Task const& task, Instant now) {
  auto needs = needs_.find(task.id);
  if (needs == needs_.end()) needs = needs_.emplace(task.id, needs_of(task)).first;
  ready_.erase(task.id);
  std::unordered_map<std::string, std::string> addresses;
  bool waits = false;
  for (auto& need : needs->second) {
    if (need.content.name.empty()) {
      auto found = find(task, need.text, now);
      waits = waits || found.stand == Stand::Waiting;
      if (found.stand == Stand::Hopeless) {
        needs_.erase(needs);
        return {Stand::Hopeless, std::move(found.trouble)};
      }
      need.content = std::move(found.content);
    }
    if (need.content.name.empty()) continue;
    auto look = uploads_.look({task.account, task.model}, need.content, now);
    if (look.stand == Uploads::Stand::Lost) {
      needs_.erase(task.id);
      return {Stand::Hopeless, std::move(look.trouble)};
    }
    if (look.stand == Uploads::Stand::There) addresses.emplace(need.text, std::move(look.address));
  }
  if (waits) return {};
  auto const goes_up = [](Need const& need) { return !need.content.name.empty(); };
  for (auto const& need : needs->second)
    if (goes_up(need) && !addresses.contains(need.text)) return {};
  ready_.emplace(task.id, std::move(addresses));
  return {Stand::Ready, {}};
}

std::vector<Inputs::Need> Inputs::needs_of(Task const& task) {
  std::vector<Need> needs;
  for (auto& text : provider::inputs_of(store_.body(task.id))) needs.push_back({std::move(text), {}});
  return needs;
}

Inputs::Found Inputs::find(Task const& task, std::string const& text, Instant now) {
  if (std::string const name{file_of_picture(text)}; !name.empty())
    return {Stand::Ready, {name, {spool_.files / name}}};
  if (auto const picture = picture_of_job(text)) return find_picture(*picture, task.model);
  bool const fetches = task.fetch == FetchInputs::Always || task.fetch_now;
  if (fetches && is_web_picture(text)) return find_fetched(task, text, now);
  return {};
}

Inputs::Found Inputs::find_picture(PictureOfJob const& wanted, std::string const& model) try {
  auto const& [fingerprint, number] = wanted;
  auto const family = store_.purchase(fingerprint);
  if (family.empty())
    return {
        Stand::Hopeless, {}, hopeless("SourceMissing", "the job that it is made from is not in the queue")};
  auto const& root = family.front();
  auto const is_over = [](Task const& each) { return is_final(each.state); };
  if (!std::all_of(family.begin(), family.end(), is_over)) return {Stand::Waiting};
  if (root.state != State::Done)
    return {
        Stand::Hopeless,
        {},
        hopeless(root.state == State::Failed ? "SourceFailed" : "SourceCanceled",
                 fmt::format("{}, which it is made from, {}: {}", root.name,
                             root.state == State::Failed ? "failed" : "was canceled", root.error.message))};
  int pictures = 0;
  for (auto const& task : family)
    for (auto const& picture : task.pictures) {
      if (picture.file.empty()) continue;
      ++pictures;
      if (picture.number != number) continue;
      auto const row = models_.find(model);
      if (row != models_.end() && picture.bytes > row->second.inputs.bytes)
        return {Stand::Hopeless,
                {},
                hopeless("SourceTooLarge",
                         fmt::format("picture {} of {}, which it is made from, has {} bytes, and {} takes "
                                     "files of {} at most; ask for a smaller size there",
                                     number, root.name, picture.bytes, model, row->second.inputs.bytes))};
      return {Stand::Ready, {picture.sha256 + ".png", places_of(spool_, task, picture, fingerprint)}};
    }
  return {Stand::Hopeless,
          {},
          hopeless("SourceGaveFewer", fmt::format("it is made from picture {} of {}, which brought {}",
                                                  number, root.name, pictures))};
} catch (std::system_error const& error) {  // its folder leads out of the tree
  return {Stand::Hopeless, {}, hopeless("SourceMissing", error.what())};
}

Inputs::Found Inputs::find_fetched(Task const& task, std::string const& address, Instant now) {
  auto look = fetches_.look(address, models_.at(task.model), now);
  if (look.stand == Fetches::Stand::There) return {Stand::Ready, {look.file, {spool_.files / look.file}}};
  if (look.stand == Fetches::Stand::Waiting) return {Stand::Waiting};
  return {Stand::Hopeless, {}, std::move(look.trouble)};
}

std::string Inputs::take_body(Task const& task) {
  auto const addresses = ready_.find(task.id);
  auto body = store_.body(task.id);
  if (addresses == ready_.end()) return body;
  body = provider::with_inputs(body, [&](std::string const& text) {
    auto const known = addresses->second.find(text);
    return known == addresses->second.end() ? text : known->second;
  });
  ready_.erase(addresses);
  needs_.erase(task.id);
  return body;
}

void Inputs::forget(Task const& task, Instant now) {
  for (auto const& need : needs_of(task)) {
    auto const found = find(task, need.text, now);
    if (found.stand == Stand::Ready && !found.content.name.empty())
      uploads_.forget({task.account, task.model}, found.content, task.times.sent, now);
  }
}

void Inputs::look_anew() {
  needs_.clear();
  ready_.clear();
}

void Inputs::step(Instant now) {
  fetches_.step(now);
  uploads_.step(now);
}

Instant Inputs::next_step(Instant now) const {
  return std::min(fetches_.next_step(now), uploads_.next_step(now));
}

bool Inputs::hear(Reply const& reply, Instant now) {
  return uploads_.hear(reply, now) || fetches_.hear(reply, now);
}

void Inputs::write_to(Batch& batch) const {
  batch.uploads = uploads_.news();
  batch.fetched = fetches_.news();
}

void Inputs::committed() {
  uploads_.committed();
  fetches_.committed();
}

}  // namespace wanspool
