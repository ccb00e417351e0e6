#include "engine/metadata.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/files.h"
#include "base/sha256.h"
#include "engine/paths.h"

namespace wanspool {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kLineMost = 16u << 20;

// Round brackets: in curly ones the library makes a list of one.
json or_null(std::string const& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json parsed(std::string const& text) {
  auto read = json::parse(text, nullptr, false);
  return read.is_object() ? read : json::object();
}

json times_of(Times const& times) {
  return {
      {"queued", or_null(rfc3339(times.queued))},          {"sent", or_null(rfc3339(times.sent))},
      {"accepted", or_null(rfc3339(times.accepted))},      {"seen_running", or_null(rfc3339(times.running))},
      {"seen_finished", or_null(rfc3339(times.finished))}, {"done", or_null(rfc3339(times.done))}};
}

// The bytes of a data: address are long and say nothing to a reader; its head says what they were.
json input_of(std::string const& address) {
  auto const shown = address.starts_with("data:") ? address.substr(0, address.find(',')) : address;
  return {{"path", nullptr}, {"url", shown}, {"sha256", nullptr}};
}

struct Asked {
  std::string prompt;
  json inputs = json::array();

  void text(json const& value) {
    if (value.is_string()) prompt += (prompt.empty() ? "" : "\n") + value.get<std::string>();
  }
  void image(json const& value) {
    if (value.is_string()) inputs.push_back(input_of(value.get<std::string>()));
    if (!value.is_array()) return;
    for (auto const& each : value) image(each);
  }
};

// Both shapes of bodies (contract §2): messages, or fields beside each other.
Asked asked_in(json const& input) {
  Asked asked;
  if (!input.is_object()) return asked;
  for (auto const& message : input.value("messages", json::array())) {
    if (!message.is_object()) continue;
    for (auto const& piece : message.value("content", json::array())) {
      if (piece.is_object() && piece.contains("text")) asked.text(piece["text"]);
      if (piece.is_object() && piece.contains("image")) asked.image(piece["image"]);
    }
  }
  if (input.contains("prompt")) asked.text(input["prompt"]);
  for (auto const& [key, value] : input.items())
    if (key == "images" || key.ends_with("_url")) asked.image(value);
  return asked;
}

// What the purchase has cost is laid to its pictures in even parts; the first ones bear what is left over.
Money share_of(Task const& task, Picture const& picture) {
  std::int64_t safe = 0, position = 0;
  for (auto const& each : task.pictures) {
    if (each.file.empty()) continue;
    if (each.number == picture.number) position = safe;
    ++safe;
  }
  if (safe == 0) return {};
  return {task.spent.micros / safe + (position < task.spent.micros % safe ? 1 : 0)};
}

// For somebody who reads the rest of the line by its keys: from `begin` up to `end`, if both are there.
void cut(std::string& line, std::size_t begin, std::size_t end) {
  if (begin < end && end != line.npos) line.erase(begin, end - begin);
}

std::uint64_t number_of(std::string_view text) {
  return std::stoull(sha256_hex(text).substr(0, 16), nullptr, 16);
}

std::string cell(json const& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return csv_text(value.get<std::string>());
  return csv_cell(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

void each_current(CurrentJob const& job, std::function<void(Task const&, Picture const&)> const& take) {
  auto const& [row, refills] = job;
  bool const is_its_own = row.task.name == row.manifest + "/" + row.job;
  bool const is_told = row.task.state == State::Done || (row.task.state == State::Failed && is_its_own);
  if (row.retired || !is_told) return;
  auto const take_all = [&](Task const& task) {
    for (auto const& picture : task.pictures)
      if (!picture.file.empty()) take(task, picture);
  };
  take_all(row.task);
  for (auto const& refill : refills)
    if (is_final(refill.state)) take_all(refill);
}

std::string metadata_line(JobRow const& row, Task const& task, Picture const& picture,
                          std::string const& body, std::string const& currency) {
  auto const name = row.manifest + "/" + row.job;
  auto const sent = parsed(body);
  auto const asked = asked_in(sent.value("input", json::object()));
  auto const place = below_out(name, file_of(row, task, picture));
  bool const is_copy = row.task.name != name;
  json line;
  line["file_name"] = place.substr(std::min(place.size(), row.manifest.size() + 1));
  line["job"] = name;
  line["picture"] = picture.number;
  line["sha256"] = picture.sha256;
  line["width"] = picture.width;
  line["height"] = picture.height;
  line["prompt"] = asked.prompt;
  line["parameters"] = sent.value("parameters", json::object());
  line["inputs"] = asked.inputs;
  line["vars"] = parsed(row.vars);
  line["take"] = task.take;
  line["task_id"] = or_null(task.task_id);
  line["request_id"] = or_null(task.request_id);
  line["times"] = times_of(task.times);
  line["cost"] = decimal(is_copy ? Money{} : share_of(task, picture));
  line["currency"] = currency;
  line["fingerprint"] = row.fingerprint;
  line["manifest_sha256"] = or_null(row.manifest_sha256);
  line["schema"] = 1;
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string metadata_lines(CurrentJob const& job, std::vector<std::int64_t> const& tasks, Reader& reader,
                           std::string const& currency) {
  std::string lines, body;
  std::int64_t body_of = 0;
  each_current(job, [&](Task const& task, Picture const& picture) {
    bool const is_wanted = tasks.empty() || std::find(tasks.begin(), tasks.end(), task.id) != tasks.end();
    if (!is_wanted) return;
    if (body_of != task.id) body = reader.body(body_of = task.id);
    lines += metadata_line(job.row, task, picture, body, currency) + "\n";
  });
  return lines;
}

std::string csv_head() {
  auto const line = json::parse(metadata_line({}, {}, {}, {}, {}));
  std::string head;
  for (auto const& [key, value] : line.items()) head += (head.empty() ? "" : ",") + key;
  return head + "\r\n";
}

std::string csv_line(std::string const& metadata_line) {
  std::string cells;
  auto const line = json::parse(metadata_line);
  for (auto const& [key, value] : line.items()) cells += (key == "file_name" ? "" : ",") + cell(value);
  return cells + "\r\n";
}

void LineSum::add(std::string_view text) {
  std::string line{text};
  // From the end, for what is cut moves what follows. In texts every quote is escaped.
  cut(line, line.rfind(",\"cost\":"), line.rfind(",\"fingerprint\":"));
  auto const prompt = line.find(",\"prompt\":");
  cut(line, prompt, line.find(",\"vars\":", std::min(prompt, line.size())));
  ++count;
  sum += number_of(line);
}

void add_job(LineSum& sum, CurrentJob const& job) {
  each_current(job, [&](Task const& task, Picture const& picture) {
    sum.add(metadata_line(job.row, task, picture, {}, {}));
  });
}

FileSum sum_of_lines(std::filesystem::path const& file) {
  FileSum all;
  std::string line;
  all.is_there = pass_file(file, [&](std::string_view piece) {
    for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
      line += piece.substr(0, end);
      all.lines.add(line);
      line.clear();
      piece.remove_prefix(end + 1);
    }
    line += piece;
    return line.size() <= kLineMost;
  });
  all.whole = line.empty();
  return all;
}

CurrentJob current_job(Reader& reader, JobRow row) {
  auto refills = row.task.refill ? reader.refills_of(row.task.id) : std::vector<Task>{};
  return {std::move(row), std::move(refills)};
}

}  // namespace wanspool
