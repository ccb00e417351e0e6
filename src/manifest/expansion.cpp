#include "manifest/expansion.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "manifest/expansion_job.h"
#include "manifest/fields.h"
#include "manifest/keys.h"

namespace wanspool::yaml {
namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t kMostTakes = 1000;
constexpr std::size_t kMostBadRows = 100'000;
constexpr std::size_t kMostJobs = 1'000'000;
constexpr std::size_t kMostRounds = 100 * kMostJobs;  // combinations that are excluded cost time too
constexpr std::size_t kMostHeld = 10'000;

// A number or a flag where it would be written the same way; else a text, spelled as it stands there.
json json_of(Node const& node, bool typed) {
  auto const& value = node.target ? *node.target : node;
  switch (value.kind) {
    case Node::Kind::Null:
      return nullptr;
    case Node::Kind::Scalar: {
      auto const parsed = typed && value.plain ? json::parse(value.text, nullptr, false) : json();
      return parsed.is_number() || parsed.is_boolean() ? parsed : json(value.text);
    }
    case Node::Kind::List: {
      auto list = json::array();
      for (auto const& each : value.items) list.push_back(json_of(each, typed));
      return list;
    }
    case Node::Kind::Map:
      break;
  }
  auto map = json::object();
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
    map[View{value.items[i]}.text()] = json_of(value.items[i + 1], typed);
  return map;
}

void mix(std::size_t& hash, std::size_t value) {
  hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
}

std::size_t hash_of(JobRequest const& request) {
  std::hash<std::string> const of_text;
  auto hash = of_text(request.model);
  mix(hash, of_text(request.prompt));
  for (auto const& image : request.images) mix(hash, of_text(image));
  for (auto const& [name, value] : request.parameters) {
    mix(hash, of_text(name));
    mix(hash, std::hash<Value>{}(value));
  }
  mix(hash, of_text(request.verbatim));
  return hash;
}

std::string text_of(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string first_words(std::vector<Complaint> const& complaints) {
  std::string text;
  for (auto const& each : complaints) text += (text.empty() ? "" : "; ") + each.text;
  return text;
}

}  // namespace

void Seen::sort() {
  std::sort(all_.begin(), all_.end(), [](One const& a, One const& b) {
    return std::tuple{a.hash, a.at, std::uint32_t{a.row}} < std::tuple{b.hash, b.at, std::uint32_t{b.row}};
  });
}

void Seen::tell(std::vector<Twice>& found, One const& first, One const& second) {
  auto const is_there = [&](Twice const& each) { return each.at == second.at; };
  if (auto const known = std::find_if(found.begin(), found.end(), is_there); known != found.end())
    ++known->more;
  else
    found.push_back({second.at, first.at, first.row, second.row});
}

std::vector<Seen::Twice> Seen::twice() {
  sort();
  std::vector<Twice> found;
  for (std::size_t i = 1; i < all_.size(); ++i)
    if (all_[i - 1].hash == all_[i].hash) tell(found, all_[i - 1], all_[i]);
  return found;
}

int Seen::pictures_of(std::uint64_t hash) const {
  auto found = std::lower_bound(all_.begin(), all_.end(), hash,
                                [](One const& each, std::uint64_t wanted) { return each.hash < wanted; });
  for (; found != all_.end() && found->hash == hash; ++found)
    if (found->pictures > 0) return found->pictures;
  return 0;
}

std::vector<Seen::Twice> Seen::met_by(Seen& others) {
  sort();
  others.sort();
  std::vector<Twice> found;
  for (auto mine = all_.begin(), theirs = others.all_.begin();
       mine != all_.end() && theirs != others.all_.end();)
    if (mine->hash < theirs->hash)
      ++mine;
    else if (theirs->hash < mine->hash)
      ++theirs;
    else
      tell(found, *mine, *theirs++);
  return found;
}

std::string Seen::Twice::words() const {
  auto text = row > 0 ? fmt::format("rows {} and {}", first_row, row) : std::string{};
  if (more > 0) text += fmt::format("{}{} more like this", text.empty() ? "" : "; ", more);
  return text.empty() ? text : " (" + text + ")";
}

void Expansion::expand(Node const& node, std::size_t position) {
  auto const before = complaints_.count();
  View const view{node};
  Written job{view, Fields{view, keys_of(job_keys()), complaints_}};
  if (job.fields.all().empty()) {
    if (complaints_.count() == before)
      complaints_.add(view, "this job is empty; it wants an id and a prompt");
    return;
  }
  auto const place = complaints_.text().place(node.at);
  job.line = place.line;
  job.column = place.column;
  read_id(job, position);
  auto const given = [&](std::string_view key) {
    auto const* const found = job.fields.find(key);
    return found == nullptr || found->value.is(Node::Kind::Null) ? std::nullopt : std::optional{found->value};
  };
  auto const rows = given("rows"), matrix = given("matrix"), key = given("key");
  if (key && !rows) complaints_.add(*key, "'key' names rows, and this job has none");
  if (matrix) job.matrix = Matrix{*matrix, manifest_.glob, complaints_, warnings_};
  if (rows) job.rows = std::make_unique<Rows>(*rows, key, manifest_.find, complaints_);
  if (rows || matrix) check_names(job);
  job.scope.fragments = &manifest_.fragments;
  job.scope.manifest = manifest_.name;
  job.scope.wrong_fragments = &manifest_.wrong_fragments;
  job.scope.fragments_unknown = manifest_.fragments_unknown;
  job.scope.wrong_axes = &job.matrix.wrong_axes();
  if (matrix && job.matrix.axes().empty() && job.matrix.wrong_axes().empty()) return;
  // What its jobs are called begins with it, so that it must be nobody else's.
  if ((rows || !job.matrix.axes().empty()) && !job.id.empty())
    names_.add(std::hash<std::string>{}(job.id), view.at(), 0);
  if (job.rows)
    each_row(job);
  else
    each_combination(job, nullptr, complaints_);
}

void Expansion::read_id(Written& job, std::size_t position) {
  auto const* const id = job.fields.find("id");
  if (id == nullptr || id->value.is(Node::Kind::Null)) {
    complaints_.add(id == nullptr ? job.view : id->key, "this job has no 'id'");
  } else if (auto name = read_name(id->value, "id", std::to_string(position), complaints_)) {
    job.id = std::move(*name);
  }
}

// A placeholder must not mean two things.
void Expansion::check_names(Written const& job) {
  std::map<std::string, std::string> known;
  for (auto const* const each : {"job", "manifest", "take"}) known[each] = "a word that is built in";
  for (auto const& [name, node] : manifest_.fragments) known[name] = "a fragment of 'let'";
  auto const add = [&](std::string const& name, std::string const& what) {
    auto const [found, is_new] = known.try_emplace(name, what);
    if (!is_new)
      complaints_.add(job.view,
                      fmt::format("'{}' is {} and also {}; rename one of them", name, what, found->second));
  };
  for (auto const& axis : job.matrix.axes()) add(axis.name, "an axis of the matrix");
  if (job.rows)
    for (auto const& column : job.rows->columns()) add(column, "a column of the rows");
}

void Expansion::each_row(Written& job) {
  auto& rows = *job.rows;
  job.scope.columns = &rows.columns();
  job.scope.row_is_open = rows.is_open();
  job.scope.row_is_data = rows.is_data();
  job.holding = rows.skips_bad();
  while (auto const row = rows.next()) {
    ++job.read;
    job.scope.row = row->map;
    job.row_vars = text_of(json_of(*row->map, rows.is_open() || !rows.is_data()));
    job.row_vars.pop_back();
    if (!rows.skips_bad()) {
      if (!read_row(job, *row, complaints_) || complaints_.full()) break;
      continue;
    }
    Complaints scratch{complaints_.text(), file_};
    bool const more = read_row(job, *row, scratch);
    if (scratch.count() > 0)
      skip_bad_row(job, *row, scratch);
    else
      for (auto& each : job.held) emit(std::move(each), job, row->line);
    job.held.clear();
    if (!more || job.skipped > kMostBadRows) break;
  }
  if (auto found = rows.found(); !found.empty()) manifest_.head.found.push_back(std::move(found));
  judge_skipped(job);
}

// False where it is not worth going on.
bool Expansion::read_row(Written& job, Row const& row, Complaints& complaints) {
  if (row.wrong.empty()) return each_combination(job, &row, complaints);
  if (!job.rows->is_data())
    complaints.add(View{*row.map}, row.wrong);
  else if (job.holding)
    complaints.add(job.view, row.wrong);
  else
    complaints.add_row(row.file, row.wrong_at, row.wrong);
  return true;
}

void Expansion::skip_bad_row(Written& job, Row const& row, Complaints const& complaints) {
  if (++job.skipped == 1)
    job.first_bad.emplace(complaints);
  else
    job.all_alike = job.all_alike && job.first_bad->same_as(complaints);
  auto copy = complaints;
  auto text = first_words(copy.take());
  auto& bad = manifest_.head.bad_rows;
  if (bad.size() < kMostBadRows) bad.push_back({row.file, row.line, row.part, std::move(text)});
}

void Expansion::judge_skipped(Written const& job) {
  if (job.skipped * 10 <= job.read) return;
  // Then it is the job that is wrong, and not the rows.
  if (job.skipped == job.read && job.read > 1 && job.all_alike) return complaints_.adopt(*job.first_bad);
  auto const& first =
      manifest_.head.bad_rows[manifest_.head.bad_rows.size() - std::min(job.skipped, kMostBadRows)];
  complaints_.add(
      job.fields.find("rows")->value,
      fmt::format("{} of {} {} wrong, and 'bad: skip' leaves out a tenth at most; the first, at {}:{}: {}",
                  job.skipped, job.read,
                  job.read == 1      ? "row is"
                  : job.skipped == 1 ? "rows is"
                                     : "rows are",
                  first.file, first.line, first.text));
}

bool Expansion::each_combination(Written& job, Row const* row, Complaints& complaints) {
  rounds_ += job.matrix.size();
  if (rounds_ > kMostRounds) {
    complaints_.add(job.view,
                    fmt::format("these rows and values have more than {} combinations", kMostRounds));
    return false;
  }
  bool more = !complaints_.full();
  if (!more) return false;
  job.matrix.each([&](Matrix::Combination const& combination) {
    return more = combine(job, row, combination, complaints);
  });
  return more;
}

bool Expansion::combine(Written& job, Row const* row, Matrix::Combination const& combination,
                        Complaints& complaints) {
  auto const& axes = job.matrix.axes();
  job.scope.axes.clear();
  for (std::size_t i = 0; i < axes.size(); ++i)
    job.scope.axes.push_back({&axes[i].name, &combination[i]->label, &combination[i]->node});
  auto name = job.id;
  if (row != nullptr && !row->part.empty()) name += "/" + row->part;
  for (auto const* const value : combination) name += "/" + value->part;
  if (row != nullptr || !combination.empty())
    complaints.within([&](std::size_t at, std::string_view about) { return which(job, row, at, about); });
  job.scope.job = name;
  job.scope.take = 1;
  Layers layers{job.view, &job.fields, &manifest_.defaults};
  bool more = true;
  auto const takes = read_takes(job, layers, complaints).value_or(1);
  if (takes > 1 && !job.id.empty())
    names_.add(std::hash<std::string>{}(name), job.view.at(), row == nullptr ? 0 : row->line);
  for (int take = 1; more && take <= takes; ++take) {
    job.scope.take = take;
    job.scope.job = takes == 1 ? name : fmt::format("{}/t{}", name, take);
    if (!manifest_.overrides.empty()) layers.overrides = manifest_.overrides.matching(job.scope.job);
    more = read_take(job, row, layers, complaints);
  }
  complaints.within_nothing();
  return more;
}

// Which one of a job's many this is, with the place of the value that a complaint is about.
std::string Expansion::which(Written const& job, Row const* row, std::size_t at,
                             std::string_view name) const {
  auto const origin = !name.empty()    ? job.scope.origin_of(name)
                      : at == kNowhere ? Scope::Origin{}
                                       : job.scope.origin_at(at, complaints_.text());
  std::string words;
  // Of a row that is left out the place is kept apart.
  if (row != nullptr && !job.holding) {
    auto const cell = origin.column.empty() ? std::string{} : job.rows->which(origin.column);
    words = "in " + (cell.empty() ? row->which : cell);
  }
  for (auto const& axis : job.scope.axes) {
    words += fmt::format("{}{}={}", words.empty() ? "with " : ", ", *axis.name, shortened(*axis.label));
    if (origin.axis != &axis || axis.value->at == kNowhere) continue;
    auto const place = complaints_.text().place(axis.value->at);
    words += fmt::format(" at {}:{}", place.line, place.column);
  }
  return words;
}

std::optional<int> Expansion::read_takes(Written const& job, Layers const& layers, Complaints& complaints) {
  auto const found = layers.find("takes");
  if (!found) return 1;
  Filler filler{job.scope, complaints};
  auto const filled = filler.fill(*found);
  auto const takes = filled ? read_integer(*filled, "takes", 1, kMostTakes, complaints) : std::nullopt;
  return takes ? std::optional{static_cast<int>(*takes)} : std::nullopt;
}

bool Expansion::read_take(Written& job, Row const* row, Layers const& layers, Complaints& complaints) {
  auto const before = complaints.count();
  if (++tried_ > kMostJobs) {
    complaints_.add(job.view, fmt::format("these are more than {} jobs; split the manifest", kMostJobs));
    return false;
  }
  Filler filler{job.scope, complaints};
  ManifestJob read{job.scope.job, job.line, job.column, {}, 0, job.scope.take};
  read_request(layers, filler, manifest_.models, prompts_, pictures_, complaints, read);
  if (job.prompt == nullptr || !layers.overrides.empty()) look_over(job, layers, read);
  if (complaints.count() != before || job.id.empty()) return true;
  if (row != nullptr || !job.scope.axes.empty()) read.vars = vars_of(job);
  if (!job.holding) {
    emit(std::move(read), job, row == nullptr ? 0 : row->line);
    return true;
  }
  job.held.push_back(std::move(read));
  if (job.held.size() <= kMostHeld) return true;
  complaints_.add(job.view,
                  fmt::format("a row that may be left out (bad: skip) makes at most {} jobs", kMostHeld));
  return false;
}

void Expansion::emit(ManifestJob read, Written const& job, int row) {
  ++manifest_.head.jobs;
  names_.add(std::hash<std::string>{}(read.id), job.view.at(), row, read.pictures);
  for (auto const& image : read.request.images)
    if (auto picture = picture_of_job(image)) chains_.add(read.id, std::move(*picture), job.view.at(), row);
  for (int picture = 1; !read.place.empty() && picture <= read.pictures; ++picture) {
    auto const number = read.pictures == 1 ? std::string{} : fmt::format("-{}", picture);
    files_.add(std::hash<std::string>{}(read.place + number + ".png"), job.view.at(), row);
  }
  if (read.take == 1) requests_.add(hash_of(read.request), job.view.at(), row);
  if (manifest_.take) manifest_.take(std::move(read));
}

std::string Expansion::vars_of(Written const& job) const {
  auto text = job.scope.row == nullptr ? std::string{"{"} : job.row_vars;
  auto const add = [&](std::string const& name, json const& value) {
    if (text.size() > 1) text += ',';
    text += text_of(name) + ":" + text_of(value);
  };
  for (auto const& axis : job.scope.axes) {
    add(*axis.name, json_of(*axis.value, true));
    if (axis.value->kind != Node::Kind::Scalar || *axis.label != trimmed(axis.value->text))
      add(*axis.name + ".label", *axis.label);
  }
  return text + "}";
}

void Expansion::find_sources() {
  if (chains_.empty()) return;
  chains_.check([&](std::uint64_t job) { return names_.pictures_of(job); }, complaints_);
  manifest_.head.sources = chains_.sources();
}

void Expansion::find_equal_ones() {
  for (auto const& each : names_.twice())
    complaints_.add(
        each.at,
        fmt::format("two jobs have the same id after normalisation{}; the other is at", each.words()),
        each.first);
  for (auto const& each : files_.twice())
    complaints_.add(
        each.at,
        fmt::format("two jobs have one path for their 'picture'{}; put what differs into it, such as "
                    "${{job}} or ${{take}}; the other is at",
                    each.words()),
        each.first);
  for (auto const& each : names_.met_by(files_))
    complaints_.add(
        each.at,
        fmt::format("this 'picture' is called like the folder of a job{}; the job is at", each.words()),
        each.first);
  for (auto const& each : requests_.twice())
    warnings_.add(
        each.at,
        fmt::format("two jobs ask for exactly the same{} and share one picture; 'takes: 2' buys two of "
                    "it; the other is at",
                    each.words()),
        each.first);
}

}  // namespace wanspool::yaml
