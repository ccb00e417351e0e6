#include "emulator/api.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include "base/files.h"
#include "base/sha256.h"
#include "emulator/bodies.h"
#include "emulator/models.h"
#include "emulator/order.h"
#include "emulator/picture.h"

namespace wanspool::emulator {
namespace {

constexpr std::string_view kBase = "/api/v1";
constexpr std::string_view kWeb = "/__web/";
constexpr std::string_view kUrlError =
    "url error, please check url！ For details, see: "
    "https://help.aliyun.com/zh/model-studio/error-code#error-url";

struct Usual {
  std::string_view code;
  std::string_view message;
};

// What the service says with a status when a rule names no code; contract §4.
Usual usual(int status) {
  switch (status) {
    case 400:
      return {"InvalidParameter", "The request is refused by a fault rule."};
    case 401:
      return {"InvalidApiKey", "Invalid API-key provided."};
    case 403:
      return {"AccessDenied", "Access denied."};
    case 404:
      return {"ModelNotFound", "Model can not be found."};
    case 429:
      return {"Throttling.RateQuota", "Requests rate limit exceeded, please try again later."};
    case 503:
      return {"ModelUnavailable", "Model is unavailable, please try again later."};
    default:
      return {"InternalError",
              "An internal error has occured, please try again later or contact service support."};
  }
}

std::string gateway_page(int status) {
  return fmt::format(
      "<html>\r\n<head><title>{0} Gateway</title></head>\r\n<body>\r\n<center><h1>{0} "
      "Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
      status);
}

std::string task_id_of(std::string_view path) {
  path.remove_prefix(kBase.size() + std::string_view{"/tasks/"}.size());
  return std::string{path.substr(0, path.find('/'))};
}

}  // namespace

Api::Api(Options const& options, Clock const& clock, std::uint64_t seed)
    : options_{options},
      clock_{clock, options.clock_skew},
      world_{options, seed},
      uploads_{options, fmt::format("upload-{:x}", seed)},
      results_{options, fmt::format("result-{:x}", seed)},
      faults_{options.rules, seed} {
  ledger_.begun = clock_.now();
}

Manner Api::greet() {
  auto const fault = faults_.meet(Call::Connect);
  return fault ? fault->manner : Manner{};
}

void Api::shoot() {
  ++ledger_.shots;
  try {
    auto const pid = std::stol(read_file(options_.victim_pid_file, 64));
    if (pid > 1 && ::kill(static_cast<pid_t>(pid), SIGKILL) == 0) return;
    fmt::print(stderr, "wanspool-emulator: the shot at pid {} missed\n", pid);
  } catch (std::exception const& error) {
    fmt::print(stderr, "wanspool-emulator: no victim in '{}': {}\n", options_.victim_pid_file, error.what());
  }
}

Answer Api::answer(Asked const& asked) {
  auto const found = route(asked);
  auto out = asked.path == "/__emulator/ledger" ? ledger(asked) : Answer{};
  if (found) {
    auto const fault = faults_.meet(found->call);
    if (found->call == Call::Create) ++ledger_.creates;
    out = fault ? spoiled(*found, asked, *fault) : (this->*found->serve)(asked, Fault{});
  } else if (asked.path != "/__emulator/ledger") {
    out = elsewhere(asked);
  }
  if (options_.verbose)
    fmt::print(stderr, "{} {} {} -> {}{}\n", rfc3339(clock_.now()), asked.method, asked.path, out.status,
               out.manner.end == End::Answer ? "" : " (not sent)");
  return out;
}

std::optional<Api::Route> Api::route(Asked const& asked) const {
  std::string_view path = asked.path;
  auto const post = asked.method == "POST";
  if (path.starts_with("/results/")) return Route{Call::Download, &Api::download};
  if (path.starts_with(kWeb) && !post) return Route{Call::Download, &Api::web};
  if (path == "/__upload" && post) return Route{Call::Upload, &Api::upload};
  if (post && path.starts_with(kServices)) {
    for (auto const each :
         {address(Path::Generation), address(Path::Text2Image), address(Path::Image2Image), kAtOnce})
      if (path.substr(kServices.size()) == each) return Route{Call::Create, &Api::create};
    return std::nullopt;
  }
  if (!path.starts_with(kBase)) return std::nullopt;
  path.remove_prefix(kBase.size());
  if (path == "/uploads" && !post) return Route{Call::Policy, &Api::policy};
  if ((path == "/tasks" || path == "/tasks/") && !post) return Route{Call::List, &Api::list};
  if (!path.starts_with("/tasks/")) return std::nullopt;
  if (post && path.ends_with("/cancel")) return Route{Call::Cancel, &Api::cancel};
  if (!post && path.find('/', 7) == std::string_view::npos) return Route{Call::Query, &Api::query};
  return std::nullopt;
}

Answer Api::spoiled(Route const& route, Asked const& asked, Fault const& fault) {
  Answer out;
  if (!fault.refuses()) out = (this->*route.serve)(asked, fault);
  if (fault.status != 0 || fault.code_in_200) {
    auto const refused_true = fault.accept && out.status != 200;
    auto const status = fault.code_in_200 ? 200 : fault.status;
    auto const known = usual(fault.status != 0 ? fault.status : 429);
    auto const code = fault.code.empty() ? std::string{known.code} : fault.code;
    auto const message = fault.message.empty() ? std::string{known.message} : fault.message;
    if (!refused_true)
      out = fault.html ? say(status, gateway_page(status), world_.new_id()) : refuse(status, code, message);
    if (fault.html && !refused_true) out.headers.front().value = "text/html";
    if (fault.retry_after) out.headers.push_back({"retry-after", std::to_string(*fault.retry_after)});
    if (route.call == Call::Create && !fault.accept) ++ledger_.refused[code];
  } else if (fault.refuses() && route.call == Call::Create) {
    ++ledger_.refused["(no answer)"];
  }
  auto const held = out.manner.delay;
  out.manner = fault.manner;
  out.manner.delay += held;
  return out;
}

std::string Api::key_id(Asked const& asked) {
  auto const next = std::to_string(1001 + key_ids_.size());
  return key_ids_.try_emplace(std::string{asked.key()}, next).first->second;
}

void Api::mingle(std::string model, Asked const& asked) {
  auto const others = static_cast<std::uint64_t>(options_.strangers) - ledger_.strangers;
  auto const own = static_cast<std::uint64_t>(options_.strangers_own_key) - ledger_.strangers_own_key;
  auto const chance = hash_of("stranger", world_.seed() + ++occasions_);
  if (others + own == 0 || chance % 3 != 0) return;
  if (chance / 3 % (others + own) < others) {
    // Two keys, so that theirs differ from each other's, too.
    world_.add_stranger(std::move(model), std::to_string(9001 + ledger_.strangers++ % 2), clock_.now());
  } else {
    ++ledger_.strangers_own_key;
    world_.add_stranger(std::move(model), key_id(asked), clock_.now());
  }
}

Answer Api::say(int status, std::string body, std::string const& request_id) const {
  Answer answer;
  auto const now = clock_.now();
  auto const stamp = std::to_string(now.time_since_epoch().count());
  answer.status = status;
  answer.chunked = true;
  answer.headers = {{"content-type", "application/json"},
                    {"x-request-id", request_id},
                    {"x-dashscope-call-gateway", "true"},
                    {"req-cost-time", "1"},
                    {"req-arrive-time", stamp},
                    {"resp-start-time", stamp},
                    {"x-envoy-upstream-service-time", "1"},
                    {"date", http_date(now)},
                    {"server", "wanspool-emulator"}};
  answer.body = std::move(body);
  return answer;
}

Answer Api::refuse(int status, std::string const& code, std::string const& message) {
  auto const id = world_.new_id();
  return say(status, error_body(code, message, id), id);
}

std::optional<Answer> Api::gatekeeper(Asked const& asked, Gate& gate, int limit, std::string const& name) {
  if (asked.key().empty()) return refuse(401, "InvalidApiKey", "No API-key provided.");
  if (!options_.key.empty() && asked.key() != options_.key)
    return refuse(401, "InvalidApiKey", "Invalid API-key provided.");
  if (gate.admit(name, limit, clock_.now())) return std::nullopt;
  return refuse(429, std::string{usual(429).code}, std::string{usual(429).message});
}

Answer Api::refused_create(Answer answer, std::string const& code) {
  ++ledger_.refused[code];
  return answer;
}

Answer Api::create(Asked const& asked, Fault const& fault) {
  auto const no = [&](int status, std::string const& code, std::string const& message) {
    return refused_create(refuse(status, code, message), code);
  };
  auto const name = named_model(asked.body);
  auto const* const row = find_model(name);
  auto const limit = options_.creates_per_second.value_or(row ? row->creates_per_second : 5);
  if (auto answer = gatekeeper(asked, creates_, limit, name))
    return refused_create(*answer, answer->status == 401 ? "InvalidApiKey" : "Throttling.RateQuota");
  if (row) mingle(name, asked);
  auto const at_once_asked = asked.path.ends_with(kAtOnce);
  if (at_once_asked && asked.has("x-dashscope-async"))
    return no(403, "AccessDenied", "Current user api does not support asynchronous calls.");
  if (!at_once_asked && asked.header("x-dashscope-async") != "enable")
    return no(403, "AccessDenied", "current user api does not support synchronous calls");
  auto checked = check_create(asked, uploads_, clock_.now());
  if (checked.refusal) return no(checked.refusal->status, checked.refusal->code, checked.refusal->message);
  auto const now = clock_.now();
  if (!at_once_asked && world_.refuses(checked.order.model, now))
    return no(429, "Throttling.Concurrency",
              "Too many tasks are in processing, please try again when one of them has ended.");
  auto const id = world_.new_id();
  auto fate = faults_.meet(Call::Task).value_or(Fault{});
  if (checked.order.streams && (fault.sse_error || fate.sse_error)) {
    if (fault.sse_error) fate = fault;
    fate.fail = 'b';
  }
  auto& task = world_.create(std::move(checked.order), id, key_id(asked), fate, now);
  ++ledger_.accepted;
  return at_once_asked ? at_once(task) : say(200, created_body(task), id);
}

// The answer is there with the acceptance, but held for the service time.
Answer Api::at_once(Task& task) {
  results_.sign(task, world_.expires(task));
  auto const streams = task.order.streams;
  auto answer = say(200, streams ? stream_body(task, host_) : at_once_body(task, host_), task.request_id);
  answer.headers.push_back({"x-dashscope-timeout", "298"});
  if (task.state == State::Failed && !streams) answer.status = failure_status(task);
  if (streams) answer.headers.front().value = "text/event-stream;charset=UTF-8";
  answer.gzip_asked = !streams;
  answer.manner.delay = task.takes;
  return answer;
}

Answer Api::query(Asked const& asked, Fault const&) {
  ++ledger_.queries;
  if (auto answer = gatekeeper(asked, queries_, options_.queries_per_second, "query")) return *answer;
  auto const now = clock_.now();
  auto const id = task_id_of(asked.path);
  auto* task = world_.find(id, now);
  if (task && task->order.at_once) task = nullptr;
  if (task && task->drawn > 0 && task->addresses.empty()) results_.sign(*task, world_.expires(*task));
  auto const request_id = world_.new_id();
  auto answer = say(200, query_body(task, id, request_id, host_), request_id);
  answer.headers.front().value = "application/json;charset=UTF-8";
  return answer;
}

Answer Api::list(Asked const& asked, Fault const&) {
  ++ledger_.lists;
  if (auto answer = gatekeeper(asked, queries_, options_.queries_per_second, "list")) return *answer;
  mingle("wan2.6-image", asked);
  auto const request_id = world_.new_id();
  std::string complaint;
  auto body = list_body(world_, parameters(asked.query), request_id, clock_.now(), complaint);
  if (!complaint.empty()) return refuse(400, "InvalidParameter", complaint);
  auto answer = say(200, std::move(body), request_id);
  answer.headers.front().value = "application/json;charset=UTF-8";
  return answer;
}

Answer Api::cancel(Asked const& asked, Fault const&) {
  ++ledger_.cancels;
  if (auto answer = gatekeeper(asked, queries_, options_.queries_per_second, "cancel")) return *answer;
  if (!world_.cancel(task_id_of(asked.path), clock_.now()))
    return refuse(400, "UnsupportedOperation",
                  "Failed to cancel the task, please confirm if the task is in PENDING status.");
  ++ledger_.canceled;
  auto const id = world_.new_id();
  return say(200, fmt::format("{{\"request_id\":\"{}\"}}", id), id);
}

Answer Api::policy(Asked const& asked, Fault const&) {
  ++ledger_.policies;
  auto const given = parameters(asked.query);
  auto const action = given.find("action");
  auto const model = given.find("model");
  if (auto answer = gatekeeper(asked, policies_, options_.policies_per_second,
                               model == given.end() ? "" : model->second))
    return *answer;
  if (action == given.end() || action->second != "getPolicy" || model == given.end() || model->second.empty())
    return refuse(400, "InvalidParameter", "action should be getPolicy, and model is required");
  auto const id = world_.new_id();
  return say(200, uploads_.policy(model->second, id, host_, clock_.now()), id);
}

Answer Api::upload(Asked const& asked, Fault const&) {
  ++ledger_.uploads;
  auto answer = uploads_.receive(asked, clock_.now());
  answer.headers.push_back({"server", "wanspool-emulator"});
  return answer;
}

Answer Api::download(Asked const& asked, Fault const& fault) {
  ++ledger_.downloads;
  auto answer = results_.serve(asked, world_, fault, clock_.now());
  answer.headers.push_back({"server", "wanspool-emulator"});
  answer.headers.push_back({"date", http_date(clock_.now())});
  return answer;
}

// A picture somewhere in the web, that jobs may name: /__web/NAME.png, hidden/NAME.png and moved/NAME.png.
Answer Api::web(Asked const& asked, Fault const&) {
  ++ledger_.web;
  auto const name = asked.path.substr(kWeb.size());
  Answer answer;
  answer.gzip_asked = false;
  if (name.starts_with("moved/")) {
    answer.status = 302;
    answer.headers.push_back({"location", fmt::format("{}{}", kWeb, name.substr(6))});
    return answer;
  }
  answer.headers.push_back({"content-type", "image/png"});
  answer.body = draw_png({name, "", std::hash<std::string>{}(name)}, {320, 320});
  return answer;
}

Answer Api::ledger(Asked const& asked) {
  auto const given = parameters(asked.query);
  auto const brief = given.find("tasks") != given.end() && given.at("tasks") == "no";
  Answer answer;
  answer.headers = {{"content-type", "application/json"}, {"server", "wanspool-emulator"}};
  answer.body = ledger_json(ledger_, world_, faults_.met(), !brief, clock_.now());
  return answer;
}

Answer Api::elsewhere(Asked const& asked) {
  if (asked.path.starts_with("/api/v1/services/") && asked.method == "POST")
    return refuse(400, "InvalidParameter", std::string{kUrlError});
  if (asked.path.starts_with("/api/v1/services/"))
    return refuse(400, "InvalidParameter",
                  fmt::format("Request method '{}' is not supported.", asked.method));
  return refuse(404, "NotFound", "The emulator has nothing at this address.");
}

}  // namespace wanspool::emulator
