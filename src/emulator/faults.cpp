#include "emulator/faults.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <stdexcept>

#include "base/nearest.h"

namespace wanspool::emulator {
namespace {

std::map<std::string, Call, std::less<>> const kCallNames{
    {"any", Call::Any},       {"connect", Call::Connect}, {"create", Call::Create},
    {"query", Call::Query},   {"list", Call::List},       {"cancel", Call::Cancel},
    {"policy", Call::Policy}, {"upload", Call::Upload},   {"download", Call::Download},
    {"task", Call::Task}};

[[noreturn]] void refuse(std::string const& complaint) {
  throw std::invalid_argument{complaint};
}

template <typename Number>
Number number(std::string_view text, char const* what) {
  Number value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    refuse(fmt::format("{} is to be a number, not '{}'", what, text));
  return value;
}

using Setter = std::function<void(Fault&, std::string_view)>;
// Where an action makes sense.
enum class Scope { Always, Request, Connection, Picture, End, Stream };
struct Action {
  Scope scope;
  bool takes_value;
  Setter set;
  char const* help;
};

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string{text};
}

char shape(std::string_view text) {
  if (text != "a" && text != "b" && text != "c")
    refuse(fmt::format("fail is to be a, b or c, not '{}'", text));
  return text[0];
}

std::map<std::string, Action, std::less<>> const& actions() {
  static std::map<std::string, Action, std::less<>> const kActions{
      {"status",
       {Scope::Request, true, [](Fault& f, auto v) { f.status = number<int>(v, "status"); },
        "refuse with this HTTP status (a bare number says the same)"}},
      {"code",
       {Scope::Always, true, [](Fault& f, auto v) { f.code = unquoted(v); },
        "the code in the error body (else the usual one of the status)"}},
      {"message",
       {Scope::Always, true, [](Fault& f, auto v) { f.message = unquoted(v); },
        "the message in the error body"}},
      {"retry-after",
       {Scope::Request, true, [](Fault& f, auto v) { f.retry_after = number<long>(v, "retry-after"); },
        "seconds, as a header of the refusal"}},
      {"html",
       {Scope::Request, false, [](Fault& f, auto) { f.html = true; },
        "the refusal is a gateway's HTML page"}},
      {"code-in-200",
       {Scope::Request, false, [](Fault& f, auto) { f.code_in_200 = true; },
        "the error body comes with status 200"}},
      {"accept",
       {Scope::Request, false, [](Fault& f, auto) { f.accept = true; },
        "carry the request out all the same (a create makes its task)"}},
      {"reset",
       {Scope::Connection, false, [](Fault& f, auto) { f.manner.end = End::Reset; },
        "RST instead of an answer"}},
      {"close-before-read",
       {Scope::Connection, false, [](Fault& f, auto) { f.manner.end = End::Close; },
        "close as if the request was never read"}},
      {"hang", {Scope::Connection, false, [](Fault& f, auto) { f.manner.end = End::Hang; }, "never answer"}},
      {"lose-answer",
       {Scope::Request, false,
        [](Fault& f, auto) {
          f.accept = true;
          if (f.manner.end == End::Answer) f.manner.end = End::Close;
        },
        "carry it out, then close without an answer"}},
      {"answer-half",
       {Scope::Request, false, [](Fault& f, auto) { f.manner.half = true; }, "half of the body, then close"}},
      {"wrong-length",
       {Scope::Request, false, [](Fault& f, auto) { f.manner.wrong_length = true; },
        "announce more bytes than come, then close"}},
      {"slow",
       {Scope::Request, true,
        [](Fault& f, auto v) { f.manner.bytes_per_second = number<std::size_t>(v, "slow"); },
        "bytes per second of the answer"}},
      {"delay",
       {Scope::Connection, true, [](Fault& f, auto v) { f.manner.delay = parse_length(v); },
        "wait this long before the answer"}},
      {"gzip",
       {Scope::Request, false, [](Fault& f, auto) { f.manner.gzip = true; },
        "pack the body, asked for or not"}},
      {"chunked",
       {Scope::Request, false, [](Fault& f, auto) { f.manner.chunked = true; },
        "chunks instead of a length"}},
      {"not-png", {Scope::Picture, false, [](Fault& f, auto) { f.not_png = true; }, "a download is text"}},
      {"cut-png",
       {Scope::Picture, false, [](Fault& f, auto) { f.cut_png = true; },
        "a download is half a file, honestly announced"}},
      {"bad-crc",
       {Scope::Picture, false, [](Fault& f, auto) { f.bad_crc = true; }, "a download has one wrong byte"}},
      {"expired",
       {Scope::Picture, false, [](Fault& f, auto) { f.expired = true; }, "a download is refused as expired"}},
      {"kill-before",
       {Scope::Request, false, [](Fault& f, auto) { f.manner.shot = Shot::Before; },
        "carry it out, kill the victim, answer nothing"}},
      {"kill-after",
       {Scope::Request, false, [](Fault& f, auto) { f.manner.shot = Shot::After; },
        "answer, then kill the victim"}},
      {"fail",
       {Scope::End, true, [](Fault& f, auto v) { f.fail = shape(v); },
        "the task fails: a code in output, b code on top, c no code"}},
      {"pictures",
       {Scope::End, true, [](Fault& f, auto v) { f.pictures = number<int>(v, "pictures"); },
        "the task ends with so many pictures at the most"}},
      {"sse-error",
       {Scope::Stream, false, [](Fault& f, auto) { f.sse_error = true; },
        "an event stream ends with an error frame (create or task), free of charge"}},
      {"text-only",
       {Scope::End, false, [](Fault& f, auto) { f.pictures = 0; }, "the task ends with no picture"}},
      {"vanish",
       {Scope::End, false, [](Fault& f, auto) { f.vanish = true; }, "the task is UNKNOWN from the start"}},
      {"service-time",
       {Scope::End, true, [](Fault& f, auto v) { f.service_time = parse_length(v); },
        "this task takes so long (virtual)"}},
  };
  return kActions;
}

bool fits(Scope scope, Call call) {
  switch (scope) {
    case Scope::Always:
      return call != Call::Connect;
    case Scope::Request:
      return call != Call::Connect && call != Call::Task;
    case Scope::Connection:
      return call != Call::Task;
    case Scope::Picture:
      return call == Call::Download;
    case Scope::End:
      return call == Call::Task;
    case Scope::Stream:
      return call == Call::Create || call == Call::Task;
  }
  return false;
}

void act(Call call, Fault& fault, std::string_view name, std::string_view value) {
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos)
    return act(call, fault, "status", name);
  auto const found = actions().find(name);
  if (found == actions().end()) {
    std::vector<std::string> names;
    for (auto const& [each, action] : actions()) names.push_back(each);
    auto const near = nearest(name, names);
    refuse(
        fmt::format("action '{}' is unknown{}", name, near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  if (found->second.takes_value == value.empty())
    refuse(fmt::format("action '{}' takes {}", name,
                       value.empty() ? "a value: " + std::string{name} + "=…" : "no value"));
  if (!fits(found->second.scope, call))
    refuse(fmt::format("action '{}' has no meaning for such calls", name));
  found->second.set(fault, value);
}

// Splits at commas that are not within double quotes.
std::vector<std::string_view> pieces(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (text[i] != ',' || quoted)) continue;
    if (i > start) out.push_back(text.substr(start, i - start));
    start = i + 1;
  }
  return out;
}

}  // namespace

bool Fault::refuses() const {
  return !accept && (status != 0 || code_in_200 || manner.end != End::Answer);
}

bool Fault::delivers() const {
  auto const whole =
      manner.end == End::Answer && manner.shot != Shot::Before && !manner.half && !manner.wrong_length;
  return whole && status == 0 && !code_in_200 && !not_png && !cut_png && !bad_crc && !expired;
}

Call parse_call(std::string_view text) {
  auto const found = kCallNames.find(text);
  if (found != kCallNames.end()) return found->second;
  std::string all;
  for (auto const& [name, call] : kCallNames) all += (all.empty() ? "" : ", ") + name;
  refuse(fmt::format("'{}' is none of {}", text, all));
}

When parse_when(std::string_view text) {
  When when;
  if (text == "*" || text == "all") return when;
  if (text.ends_with('%')) {
    when.percent = number<double>(text.substr(0, text.size() - 1), "a share");
    if (when.percent < 0 || when.percent > 100) refuse("a share is to be 0% to 100%");
    return when;
  }
  if (text.starts_with('/')) {
    when.every = number<std::uint64_t>(text.substr(1), "every");
    if (when.every == 0) refuse("every 0th is none");
    return when;
  }
  auto const dash = text.find('-');
  when.from = number<std::uint64_t>(text.substr(0, dash), "a count");
  if (dash == std::string_view::npos)
    when.to = when.from;
  else if (dash + 1 < text.size())
    when.to = number<std::uint64_t>(text.substr(dash + 1), "a count");
  if (when.from == 0 || when.to < when.from)
    refuse(fmt::format("'{}' means no request: counts begin with 1", text));
  return when;
}

Rule parse_rule(std::string_view text) {
  auto const first = text.find(':');
  auto const second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos)
    refuse(fmt::format("'{}': a fault is CALL:WHEN:ACTION[,ACTION…], such as create:3:lose-answer", text));
  try {
    Rule rule{parse_call(text.substr(0, first)), parse_when(text.substr(first + 1, second - first - 1)), {}};
    auto const wanted = pieces(text.substr(second + 1));
    if (wanted.empty()) refuse("no action is named");
    for (auto const each : wanted) {
      auto const equals = each.find('=');
      act(rule.call, rule.fault, each.substr(0, equals),
          equals == std::string_view::npos ? std::string_view{} : each.substr(equals + 1));
    }
    return rule;
  } catch (std::invalid_argument const& error) {
    refuse(fmt::format("fault '{}': {}", text, error.what()));
  }
}

milliseconds parse_length(std::string_view text) {
  static std::map<std::string, double, std::less<>> const kUnits{
      {"ms", 1},       {"s", 1000},      {"", 1000},       {"m", 60'000},
      {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  auto const split = text.find_first_not_of("0123456789.");
  auto const unit = kUnits.find(split == std::string_view::npos ? std::string_view{} : text.substr(split));
  if (text.empty() || unit == kUnits.end())
    refuse(fmt::format("'{}' is no length of time: 90s, 500ms, 5m, 24h", text));
  auto const value = number<double>(text.substr(0, split), "a length of time");
  return milliseconds{static_cast<long long>(value * unit->second)};
}

std::string fault_help() {
  std::string out =
      "Faults: --fault CALL:WHEN:ACTION[,ACTION...]\n"
      "  CALL    connect create query list cancel policy upload download any; task: the Nth accepted create\n"
      "  WHEN    3 (the third)  3-7  3- (from the third on)  /4 (every fourth)  10% (by the seed)  *\n"
      "  ACTION\n";
  for (auto const& [name, action] : actions())
    out += fmt::format("    {:<20}{}\n", name + (action.takes_value ? "=..." : ""), action.help);
  return out +
         "  The first rule that means a request decides. A message with commas stands in double quotes.\n";
}

bool Faults::means(Rule const& rule, std::uint64_t count) {
  auto const& when = rule.when;
  if (count < when.from || count > when.to || count % when.every != 0) return false;
  return when.percent >= 100 || std::uniform_real_distribution<double>{0, 100}(dice_) < when.percent;
}

std::optional<Fault> Faults::meet(Call call) {
  auto const own = ++counts_[static_cast<std::size_t>(call)];
  auto const request = call != Call::Connect && call != Call::Task;
  auto const any = request ? ++counts_[static_cast<std::size_t>(Call::Any)] : 0;
  for (auto const& rule : rules_) {
    auto const mine = rule.call == call || (request && rule.call == Call::Any);
    if (!mine || !means(rule, rule.call == Call::Any ? any : own)) continue;
    ++met_;
    return rule.fault;
  }
  return std::nullopt;
}

}  // namespace wanspool::emulator
