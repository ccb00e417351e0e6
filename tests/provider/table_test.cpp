#include <doctest/doctest.h>

#include "provider/replies.h"
#include "provider/troubles.h"

using namespace wanspool;
using namespace wanspool::provider;

TEST_SUITE_BEGIN("provider");

namespace {

// Contract §4, row by row: what a create hears, and what becomes of it.
struct Heard {
  int status;
  std::string code, message, expected;
};

std::vector<Heard> const kContract{
    {400, "InvalidParameter", "num_images_per_prompt must be 1", "Refused Fatal"},
    {400, "InvalidParameter", "Range of n should be [1, 4]", "Refused Fatal"},
    {400, "InvalidParameter", "messages length only support 1", "Refused Fatal"},
    {400, "InvalidParameter", "No messages found in input", "Refused Fatal"},
    {400, "InvalidParameter", "lack of image or text", "Refused Fatal"},
    {400, "InvalidParameter", "Model not exist.", "Refused Fatal"},
    {400, "InvalidParameter", "the size of input image is too small or too large.", "Refused Fatal"},
    {400, "InvalidParameter", "image format error", "Refused Fatal"},
    {400, "InvalidParameter", "Invalid image format or corrupted file", "Refused Fatal"},
    {400, "InvalidParameter", "Required body invalid, please check the request body format.",
     "Refused Fatal"},
    {400, "InvalidParameter", "Exceeded limit on max bytes per data-uri item : 10485760", "Refused Fatal"},
    {400, "InvalidParameter", "Request method 'GET' is not supported.", "Refused Fatal"},
    {400, "InvalidParameter", "url error, please check url！", "Refused Fatal"},
    {400, "InvalidParameter", "download image failed", "Refused Retry"},
    {400, "InvalidParameter", "oss download error.", "Refused Retry"},
    {400, "InvalidParameter", "The provided URL does not appear to be valid. Ensure …", "Refused Retry"},
    {400, "InvalidParameter.DataInspection", "Unable to download the media resource during …",
     "Refused Retry"},
    {400, "InvalidParameter.DataInspection", "The media format is not supported or …", "Refused Retry"},
    {400, "DataInspectionFailed", "Input data may contain inappropriate content.", "Refused Fatal"},
    {400, "DataInspectionFailed", "Output data may contain inappropriate content.", "Refused Fatal"},
    {400, "IPInfringementSuspect", "Input data is suspected of …", "Refused Fatal"},
    {400, "InvalidURL", "", "Refused Retry"},
    {400, "InvalidURL.ConnectionRefused", "", "Refused Retry"},
    {400, "InvalidURL.Timeout", "", "Refused Retry"},
    {400, "InvalidFile.Format", "", "Refused Fatal"},
    {400, "InvalidImage.FileFormat", "", "Refused Fatal"},
    {400, "InvalidImageResolution", "", "Refused Fatal"},
    {400, "InvalidImageFormat", "", "Refused Fatal"},
    {400, "BadRequest.EmptyInput", "", "Refused Fatal"},
    {400, "BadRequest.EmptyParameters", "", "Refused Fatal"},
    {400, "BadRequest.EmptyModel", "", "Refused Fatal"},
    {400, "BadRequest.IllegalInput", "", "Refused Fatal"},
    {400, "BadRequest.UnsupportedFileFormat", "", "Refused Fatal"},
    {400, "BadRequest.TooLarge", "", "Refused Fatal"},
    {400, "BadRequest.InputDownloadFailed", "", "Refused Retry"},
    {400, "BadRequest.EmptyWorkspace", "", "Refused Account!"},
    {400, "UnsupportedOperation", "", "Refused Fatal"},
    {400, "Arrearage", "Access denied, make sure your account is in good standing.", "Refused Account!"},
    {400, "CustomRoleBlocked", "", "Refused Fatal"},
    {400, "FaqRuleBlocked", "", "Refused Fatal"},
    {401, "InvalidApiKey", "Invalid API-key provided.", "Refused Account!"},
    {401, "InvalidApiKey", "No API-key provided.", "Refused Account!"},
    {401, "NOT AUTHORIZED", "Workspace or …", "Refused Account!"},
    {401, "invalid access token or token expired", "", "Refused Account!"},
    {403, "AccessDenied", "current user api does not support synchronous calls", "Refused Account"},
    {403, "AccessDenied", "Current user api does not support asynchronous calls.", "Refused Account"},
    {403, "AccessDenied", "Access denied.", "Refused Account"},
    {403, "AccessDenied.Unpurchased", "", "Refused Account"},
    {403, "Model.AccessDenied", "Model access denied.", "Refused Account"},
    {403, "App.AccessDenied", "", "Refused Account"},
    {403, "Workspace.AccessDenied", "", "Refused Account"},
    {403, "Endpoint.AccessDenied", "", "Refused Account"},
    {403, "AllocationQuota.FreeTierOnly", "", "Refused Account"},
    {404, "ModelNotFound", "Model can not be found.", "Refused Fatal"},
    {404, "WorkSpaceNotFound", "", "Refused Account!"},
    {404, "NotFound", "", "Refused Fatal"},
    {429, "Throttling", "Requests throttling triggered.", "Refused Lane"},
    {429, "Throttling", "Too many requests in route. Please try again later.", "Refused Lane"},
    {429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.", "Refused Lane"},
    {429, "LimitRequests", "You have exceeded your request limit.", "Refused Lane"},
    {429, "Throttling.BurstRate", "Request rate increased too quickly.", "Refused Lane"},
    {429, "limit_burst_rate", "", "Refused Lane"},
    {429, "Throttling.Concurrency", "", "Refused Lane"},
    {429, "Throttling.AllocationQuota", "Allocated quota exceeded, please increase …", "Refused Lane"},
    {429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", "Refused Lane"},
    {429, "Throttling.ServiceOverloaded", "", "Refused Lane"},
    {429, "ResourceExhausted", "", "Refused Lane"},
    {429, "CommodityNotPurchased", "", "Refused Account!"},
    {429, "PrepaidBillOverdue", "", "Refused Account!"},
    {429, "PostpaidBillOverdue", "", "Refused Account!"},
    {429, "BudgetLimitExceeded", "", "Refused Account!"},
    {500, "InternalError", "", "Unanswered"},
    {500, "InternalError.Algo", "", "Unanswered"},
    {500, "InternalError.FileUpload", "", "Unanswered"},
    {500, "InternalError.Upload", "", "Unanswered"},
    {500, "SystemError", "", "Unanswered"},
    {500, "ModelServiceFailed", "", "Unanswered"},
    {500, "RewriteFailed", "", "Unanswered"},
    {500, "InternalError.Timeout", "", "Unanswered"},
    {500, "RequestTimeOut", "Request timed out, please try again later.", "Unanswered"},
    {500, "ModelServingError", "Too many requests. Your requests are being throttled …", "Unanswered"},
    {503, "ModelServingError", "Too many requests. Your requests are being throttled …", "Refused Lane"},
    {503, "ModelUnavailable", "Model is unavailable, please try again later.", "Refused Lane"},
};

}  // namespace

TEST_CASE("every row of the contract becomes of a create what the contract says") {
  for (auto const& heard : kContract) {
    CAPTURE(heard.code);
    CAPTURE(heard.message);
    auto const expected = heard.expected == "Unanswered" ? heard.expected : heard.expected + " " + heard.code;
    CHECK(said(read_create(answer(heard.status, error_body(heard.code, heard.message)))) == expected);
  }
}

TEST_CASE("every row of the table can be reached and is reached by the contract's words") {
  for (auto const& row : error_table()) {
    CAPTURE(row.code);
    CAPTURE(row.text);
    CHECK(row_of(row.code, row.text) == &row);
  }
}

TEST_CASE("a table's text is in lower case, since messages are lowered before they are compared") {
  for (auto const& row : error_table())
    for (char const c : row.text) CHECK_FALSE((c >= 'A' && c <= 'Z'));
}

TEST_CASE("a code is known by whole parts between dots, in whatever case") {
  CHECK(row_of("Throttling.Novel.Deep", "") == row_of("Throttling", ""));
  CHECK(row_of("throttling", "") == row_of("Throttling", ""));
  CHECK(row_of("Throttlings", "") == nullptr);
  CHECK(row_of("", "url error") == nullptr);
}

TEST_CASE("where the service's words are poor, advice stands beside them") {
  auto const advice = [](int status, std::string const& code, std::string const& message) {
    return words(read_create(answer(status, error_body(code, message))));
  };
  CHECK(contains(advice(401, "InvalidApiKey", "Invalid API-key provided."), "DASHSCOPE_API_KEY"));
  CHECK(contains(advice(400, "Arrearage", "Access denied."), "pay what is due"));
  CHECK(contains(advice(403, "AllocationQuota.FreeTierOnly", "x"), "use free tier only"));
  CHECK(contains(advice(400, "InvalidParameter", "lack of image or text"), "wan2.6-t2i"));
  CHECK(contains(advice(400, "DataInspectionFailed", "Output data may"), "another seed may pass"));
  CHECK(contains(advice(400, "DataInspectionFailed", "Input data may"), "the prompt or an input picture"));
  CHECK(contains(advice(429, "Throttling.AllocationQuota", "exhausted"), "used up"));
  CHECK(contains(advice(400, "InvalidURL", "x"), "could not fetch or read an input picture"));
}
