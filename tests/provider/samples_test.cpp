#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;
using nlohmann::json;

TEST_SUITE_BEGIN("provider");

namespace {

struct Expected {
  int status;
  std::string of_create, of_query, of_list;
};

std::string const kTask = "0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10";

// Each body read as the answer to a create, to a query and to a request for the list: what is meant for one
// must do no harm to the others.
std::map<std::string, Expected> const kReplies{
    {"create-response.json", {200, "Accepted " + kTask, "Waiting", "NoList Lane AnswerIncomplete"}},
    {"create-error-400-arrearage.json",
     {400, "Refused Account! Arrearage", "NoAnswer Account! Arrearage", "NoList Account! Arrearage"}},
    {"create-error-400-datainspection-download.json",
     {400, "Refused Retry InvalidParameter.DataInspection", "GaveUp Retry InvalidParameter.DataInspection",
      "NoList Fatal InvalidParameter.DataInspection"}},
    {"create-error-400-datainspection.json",
     {400, "Refused Fatal DataInspectionFailed", "GaveUp Fatal DataInspectionFailed",
      "NoList Fatal DataInspectionFailed"}},
    {"create-error-400-datauri-too-big.json",
     {400, "Refused Fatal InvalidParameter", "GaveUp Fatal InvalidParameter",
      "NoList Fatal InvalidParameter"}},
    {"create-error-400-invalid-parameter-n.json",
     {400, "Refused Fatal InvalidParameter", "GaveUp Fatal InvalidParameter",
      "NoList Fatal InvalidParameter"}},
    {"create-error-400-oss-unresolved.json",
     {400, "Refused Retry InvalidParameter.DataInspection", "GaveUp Retry InvalidParameter.DataInspection",
      "NoList Fatal InvalidParameter.DataInspection"}},
    {"create-error-400-url-error.json",
     {400, "Refused Fatal InvalidParameter", "NoAnswer Lane InvalidParameter",
      "NoList Fatal InvalidParameter"}},
    {"create-error-401-invalid-api-key.json",
     {401, "Refused Account! InvalidApiKey", "NoAnswer Account! InvalidApiKey",
      "NoList Account! InvalidApiKey"}},
    {"create-error-401-no-api-key.json",
     {401, "Refused Account! InvalidApiKey", "NoAnswer Account! InvalidApiKey",
      "NoList Account! InvalidApiKey"}},
    {"create-error-403-async-header-missing.json",
     {403, "Refused Account AccessDenied", "NoAnswer Account AccessDenied", "NoList Fatal AccessDenied"}},
    {"create-error-403-async-not-supported.json",
     {403, "Refused Account AccessDenied", "NoAnswer Account AccessDenied", "NoList Fatal AccessDenied"}},
    {"create-error-403-free-tier-only.json",
     {403, "Refused Account AllocationQuota.FreeTierOnly", "NoAnswer Account AllocationQuota.FreeTierOnly",
      "NoList Fatal AllocationQuota.FreeTierOnly"}},
    {"create-error-403-model-access-denied.json",
     {403, "Refused Account Model.AccessDenied", "NoAnswer Account Model.AccessDenied",
      "NoList Fatal Model.AccessDenied"}},
    {"create-error-404-model-not-found.json",
     {404, "Refused Fatal ModelNotFound", "NoAnswer Lane ModelNotFound", "NoList Fatal ModelNotFound"}},
    {"create-error-429-allocationquota-exhausted.json",
     {429, "Refused Lane Throttling.AllocationQuota", "NoAnswer Lane Throttling.AllocationQuota",
      "NoList Lane Throttling.AllocationQuota"}},
    {"create-error-429-allocationquota-free.json",
     {429, "Refused Lane Throttling.AllocationQuota", "NoAnswer Lane Throttling.AllocationQuota",
      "NoList Lane Throttling.AllocationQuota"}},
    {"create-error-429-allocationquota.json",
     {429, "Refused Lane Throttling.AllocationQuota", "NoAnswer Lane Throttling.AllocationQuota",
      "NoList Lane Throttling.AllocationQuota"}},
    {"create-error-429-burstrate.json",
     {429, "Refused Lane Throttling.BurstRate", "NoAnswer Lane Throttling.BurstRate",
      "NoList Lane Throttling.BurstRate"}},
    {"create-error-429-ratequota.json",
     {429, "Refused Lane Throttling.RateQuota", "NoAnswer Lane Throttling.RateQuota",
      "NoList Lane Throttling.RateQuota"}},
    {"create-error-429-throttling.json",
     {429, "Refused Lane Throttling", "NoAnswer Lane Throttling", "NoList Lane Throttling"}},
    {"create-error-500-internal.json",
     {500, "Unanswered", "NoAnswer Lane InternalError", "NoList Lane InternalError"}},
    {"create-error-500-timeout.json",
     {500, "Unanswered", "NoAnswer Lane RequestTimeOut", "NoList Lane RequestTimeOut"}},
    {"create-error-503-unavailable.json",
     {503, "Refused Lane ModelUnavailable", "NoAnswer Lane ModelUnavailable",
      "NoList Lane ModelUnavailable"}},

    {"task-pending.json", {200, "Accepted " + kTask, "Waiting", "NoList Lane AnswerIncomplete"}},
    {"task-pending-minimal.json", {200, "Accepted " + kTask, "Waiting", "NoList Lane AnswerIncomplete"}},
    {"task-running.json", {200, "Accepted " + kTask, "Working", "NoList Lane AnswerIncomplete"}},
    {"task-running-old.json", {200, "Accepted " + kTask, "Working", "NoList Lane AnswerIncomplete"}},
    {"task-succeeded-edit.json",
     {200, "Accepted " + kTask, "Finished 2 of 2, 0 texts", "NoList Lane AnswerIncomplete"}},
    {"task-succeeded-interleave.json",
     {200, "Accepted " + kTask, "Finished 3 of 3, 3 texts", "NoList Lane AnswerIncomplete"}},
    {"task-succeeded-interleave-textonly.json",
     {200, "Accepted " + kTask, "Finished 0 of 0, 1 texts", "NoList Lane AnswerIncomplete"}},
    {"task-succeeded-results.json",
     {200, "Accepted " + kTask, "Finished 1 of 1, 0 texts", "NoList Lane AnswerIncomplete"}},
    {"task-succeeded-results-partial.json",
     {200, "Accepted " + kTask, "Finished 1 of 1, 0 texts", "NoList Lane AnswerIncomplete"}},
    {"task-failed.json",
     {200, "Accepted " + kTask, "GaveUp Fatal DataInspectionFailed", "NoList Lane AnswerIncomplete"}},
    {"task-failed-internal.json",
     {200, "Accepted " + kTask, "GaveUp Retry InternalError.Timeout", "NoList Lane AnswerIncomplete"}},
    {"task-failed-old.json",
     {200, "Accepted " + kTask, "GaveUp Fatal InvalidParameter", "NoList Lane AnswerIncomplete"}},
    {"task-failed-bare.json",
     {200, "Accepted " + kTask, "GaveUp Retry TaskFailed", "NoList Lane AnswerIncomplete"}},
    {"task-failed-toplevel.json",
     {200, "Refused Fatal InvalidParameter", "GaveUp Fatal InvalidParameter",
      "NoList Fatal InvalidParameter"}},
    {"task-canceled.json", {200, "Accepted " + kTask, "CanceledThere", "NoList Lane AnswerIncomplete"}},
    {"task-unknown.json", {200, "Accepted " + kTask, "Vanished", "NoList Lane AnswerIncomplete"}},
    {"task-query-429.json",
     {429, "Refused Lane Throttling.RateQuota", "NoAnswer Lane Throttling.RateQuota",
      "NoList Lane Throttling.RateQuota"}},

    {"cancel-ok.json", {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
    {"cancel-400-not-pending.json",
     {400, "Refused Fatal UnsupportedOperation", "NoAnswer Lane UnsupportedOperation",
      "NoList Fatal UnsupportedOperation"}},
    {"sync-succeeded-edit.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
    {"sync-qwen-image.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
    {"sse-error.txt", {200, "Unanswered", "NoAnswer Lane NotJson", "NoList Lane NotJson"}},
    {"sse-interleave.txt", {200, "Unanswered", "NoAnswer Lane NotJson", "NoList Lane NotJson"}},
    {"tasks-list.json", {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "List of 3, page 1 of 1"}},
    {"tasks-list-empty.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "List of 0, page 1 of 1"}},
    {"upload-policy-response.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
    {"upload-policy-decoded.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
    {"upload-policy-expired.xml", {403, "Unanswered", "NoAnswer Lane NotJson", "NoList Lane NotJson"}},
    {"oss-result-expired-403.xml", {403, "Unanswered", "NoAnswer Lane NotJson", "NoList Lane NotJson"}},
    {"eventbridge-finish.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
    {"response-headers.json",
     {200, "Unanswered", "NoAnswer Lane AnswerIncomplete", "NoList Lane AnswerIncomplete"}},
};

JobRequest const kEdit{"wan2.6-image",
                       "Put the mug from image 2 on the desk of image 1, keep the lighting of image 1.",
                       {"https://img.example.com/desk.jpg", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="},
                       {{"enable_interleave", false},
                        {"n", std::int64_t{2}},
                        {"size", "1K"},
                        {"prompt_extend", true},
                        {"watermark", false},
                        {"negative_prompt", "blurry, low quality"},
                        {"seed", std::int64_t{42}}},
                       {}};
JobRequest const kEditOss{"wan2.6-image",
                          "Turn this photo into a watercolour.",
                          {"oss://dashscope-instant/5f2e0d9c8b7a6f5e4d3c2b1a09f8e7d6/2026-08-05/"
                           "7c1d2e3f-4a5b-9c6d-8e7f-0a1b2c3d4e5f/cat.png"},
                          {{"enable_interleave", false}, {"n", std::int64_t{1}}, {"size", "1024*1024"}},
                          {}};
JobRequest const kInterleave{"wan2.6-image",
                             "An illustrated three-step guide to brewing pour-over coffee.",
                             {},
                             {{"enable_interleave", true},
                              {"n", std::int64_t{1}},
                              {"max_images", std::int64_t{3}},
                              {"size", "1280*1280"},
                              {"watermark", false}},
                             {}};
JobRequest const kFlowerShop{"wan2.6-t2i",
                             "A flower shop with a wooden door",
                             {},
                             {{"size", "1280*1280"},
                              {"n", std::int64_t{1}},
                              {"prompt_extend", true},
                              {"watermark", false},
                              {"negative_prompt", ""},
                              {"seed", std::int64_t{7}}},
                             {}};

JobRequest const kSign{"wan2.7-image-pro",
                       "Replace the sign text with OPEN",
                       {"https://img.example.com/sign.jpg"},
                       {{"size", "2K"},
                        {"n", std::int64_t{1}},
                        {"watermark", false},
                        {"thinking_mode", true},
                        {"seed", std::int64_t{9}},
                        {"bbox_list", Nested{"[[[100,120,420,300]]]"}}},
                       {}};
JobRequest const kClock{"wan2.5-i2i-preview",
                        "Place the clock from image 1 beside the vase of image 2",
                        {"https://img.example.com/clock.png", "https://img.example.com/vase.png"},
                        {{"n", std::int64_t{2}},
                         {"size", "1280*1280"},
                         {"prompt_extend", true},
                         {"watermark", false},
                         {"negative_prompt", "text"},
                         {"seed", std::int64_t{11}}},
                        {}};
JobRequest const kBoat{
    "wan2.2-t2i-flash",
    "A paper boat on a rainy street",
    {},
    {{"negative_prompt", "people"}, {"size", "1024*1024"}, {"n", std::int64_t{4}}, {"seed", std::int64_t{3}}},
    {}};

// That of a model which only answers at once is not ours to make: it travels verbatim.
std::map<std::string, JobRequest> const kRequests{
    {"create-request-edit.json", kEdit},
    {"create-request-edit-oss.json", kEditOss},
    {"create-request-interleave.json", kInterleave},
    {"create-request-wan26-t2i.json", kFlowerShop},
    {"create-request-wan27-image.json", kSign},
    {"create-request-wan25-i2i.json", kClock},
    {"create-request-wan22-t2i.json", kBoat},
    {"create-request-qwen-image-sync.json", {}},
};

}  // namespace

TEST_CASE("every recorded body has its meaning as the answer to a create, a query and a list") {
  int read = 0;
  for (auto const& entry : std::filesystem::directory_iterator{kSamples}) {
    auto const name = entry.path().filename().string();
    if (name == "README.md" || kRequests.contains(name)) continue;
    CAPTURE(name);
    auto const expected = kReplies.find(name);
    REQUIRE_MESSAGE(expected != kReplies.end(), "nobody said what this body must become");
    auto const reply = answer(expected->second.status, sample(name));
    CHECK(said(read_create(reply)) == expected->second.of_create);
    CHECK(said(read_query(reply, kNow)) == expected->second.of_query);
    CHECK(said(read_list(reply)) == expected->second.of_list);
    ++read;
  }
  CHECK(read == static_cast<int>(kReplies.size()));
}

TEST_CASE("every recorded request is what we would send") {
  for (auto const& [name, request] : kRequests) {
    CAPTURE(name);
    auto recorded = json::parse(sample(name));
    recorded.erase("_note");
    Model model;
    model.name = recorded["model"];
    model.body = recorded["input"].contains("prompt") ? BodyShape::Input : BodyShape::Messages;
    auto ours = request;
    if (ours.model.empty()) ours.verbatim = recorded.dump(2);
    CHECK(create_body(model, ours) == recorded.dump());
  }
}

TEST_CASE("the storage's recorded answer to an old address asks for a new one") {
  auto const missed = read_missed(answer(403, sample("oss-result-expired-403.xml")), 2);
  CHECK(said(missed) == "Missed Retry AccessDenied, expired");
  CHECK(missed.number == 2);
  CHECK(contains(missed.trouble.message, "Request has expired."));
}

TEST_CASE("a recorded body that is cut at any byte is never a task, an end or a list") {
  for (auto const& [name, expected] : kReplies) {
    auto const body = sample(name);
    auto const last = body.find_last_of('}');
    if (!name.ends_with(".json") || last == body.npos) continue;
    CAPTURE(name);
    int believed = 0;
    for (std::size_t size = 0; size <= last; ++size) {
      auto const reply = answer(200, body.substr(0, size));
      believed += said(read_create(reply)) != "Unanswered";
      believed += !said(read_query(reply, kNow)).starts_with("NoAnswer");
      believed += !said(read_list(reply)).starts_with("NoList Lane");
    }
    CHECK(believed == 0);
  }
}

namespace {

// Calls `use` with the document after each of its values, one at a time, was replaced.
template <typename Use>
void mutate(json& document, json& place, Use const& use) {
  static json const kStrangers{
      nullptr,         true,           7,    -1,        1e300, 18446744073709551615u, "", "x",
      json::array({}), json::object(), {{}}, {{"a", 1}}};
  auto const kept = place;
  for (auto const& stranger : kStrangers) {
    place = stranger;
    use(document.dump());
  }
  place = kept;
  if (place.is_structured())
    for (auto& inner : place) mutate(document, inner, use);
}

void check_rows(ListPage const& list) {
  CHECK(list.page >= 1);
  CHECK(list.pages >= 1);
  for (auto const& row : list.rows) {
    CHECK_FALSE(row.task_id.empty());
    CHECK_FALSE(row.model.empty());
    CHECK_FALSE(row.api_key_id.empty());
    CHECK(row.created > Instant{hours{24 * 365 * 30}});
  }
}

}  // namespace

TEST_CASE("no field of a wrong type makes a reader throw or believe in what is not there") {
  for (auto const& [name, expected] : kReplies) {
    if (!name.ends_with(".json")) continue;
    CAPTURE(name);
    auto document = json::parse(sample(name));
    mutate(document, document, [&, status = expected.status](std::string const& body) {
      auto const reply = answer(status, body);
      auto const created = read_create(reply);
      if (auto const* it = std::get_if<news::Accepted>(&created)) CHECK_FALSE(it->task_id.empty());
      auto const queried = read_query(reply, kNow);
      if (auto const* it = std::get_if<news::Finished>(&queried)) {
        CHECK_FALSE(it->answer.pieces.empty());
        CHECK(it->answer.image_count >= 0);
      }
      read_missed(reply, 1);
      auto const list = read_list(reply);
      if (auto const* it = std::get_if<ListPage>(&list)) check_rows(*it);
    });
  }
}
