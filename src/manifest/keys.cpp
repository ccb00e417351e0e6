#include "manifest/keys.h"

namespace wanspool::yaml {

KeyTable const& manifest_keys() {
  static KeyTable const table{
      "a manifest",
      {
          {"manifest", Shape::Version, "The version of the format.", "1", "", true},
          {"name", Shape::Name,
           "The folder below out/ that the pictures come to; by default the file's name without its ending.",
           "tomato-eggs"},
          {"priority",
           Shape::Word,
           "Whose jobs are bought first.",
           "high",
           "normal",
           false,
           {"low", "normal", "high"}},
          {"deadline", Shape::Deadline,
           "What is not submitted by then is not bought: a time from the taking in, or a date and time with "
           "its "
           "zone.",
           "10h"},
          {"budget", Shape::Budget, "What this manifest may cost in its whole life.",
           "{ pictures: 200, cost: 40 CNY }"},
          {"max_failures", Shape::Share,
           "After 50 finished jobs the rest is held when more than this has failed: a number, or a share.",
           "2%"},
          {"on_uncertain",
           Shape::Word,
           "What is done when nobody can tell whether a picture was bought: take the task that can only be "
           "this "
           "job's, wait for a person, or send it again and perhaps pay twice.",
           "hold",
           "adopt",
           false,
           {"adopt", "hold", "resubmit"}},
          {"refill", Shape::Boolean, "Buy again the pictures that an answer lacked, and only those.", "true",
           "false"},
          {"fetch",
           Shape::Word,
           "Whether pictures on the web are fetched here and uploaded.",
           "never",
           "on-failure",
           false,
           {"never", "on-failure", "always"}},
          {"let", Shape::Fragments, "Fragments for the texts below, used as ${name}.",
           "{ house: \"soft daylight from the left\" }"},
          {"defaults", Shape::Defaults,
           "What every job has that does not say it itself; null in a job takes a default away.",
           "{ model: wan2.6-image, parameters: { size: 2K } }"},
          {"jobs", Shape::Jobs, "The pictures that are wanted.",
           "[ { id: kites, model: wan2.6-t2i, prompt: Three paper kites } ]", "", true},
          {"overrides", Shape::Overrides,
           "Merged over the jobs whose names match: what a review of the pictures brought.",
           "{ \"catalog/000473\": { prompt: The vase upright } }"},
      }};
  return table;
}

namespace {

KeyRow const kModel{"model", Shape::Model, "Which model draws.", "wan2.6-t2i", "wan2.6-image"};
KeyRow const kPrompt{"prompt", Shape::Prompt,
                     "The words for the model; or { file: PATH } for a text in a file of its own.",
                     "\"A teacher pouring water, ${house}\""};
KeyRow const kImages{"images", Shape::Images,
                     "The pictures that it starts from: files, relative to the manifest, http(s), data:, "
                     "oss://, or job:NAME#K.",
                     "[ refs/mug.png, \"https://example.com/mug.png\" ]"};
KeyRow const kParameters{"parameters", Shape::Parameters, "What the model's row of the table has.",
                         "{ n: 2, size: 1K }"};
KeyRow const kTakes{"takes", Shape::Count,
                    "The same request so many times with different seeds: JOB/t1, JOB/t2 ….", "4", "1"};
KeyRow const kPicture{"picture", Shape::Text,
                      "The path of its pictures below out/MANIFEST/, without number and ending.",
                      "\"marble/${sku}\""};

}  // namespace

KeyTable const& job_keys() {
  static KeyTable const table{
      "a job",
      {
          {"id", Shape::Name, "The job's name, unique in its manifest.", "stir-fry", "", true},
          kPrompt,
          kImages,
          kModel,
          kParameters,
          {"rows", Shape::Rows,
           "One job for each row: a CSV or JSONL file, or a list of maps in place; columns are variables.",
           "{ file: products.csv, bad: skip }"},
          {"key", Shape::Columns, "The column that names a row, or several; row for its number.", "sku"},
          {"matrix", Shape::Matrix, "One job for each combination of the values of these axes.",
           "{ style: { wc: watercolor, ink: ink wash }, dish: [noodles, rice] }"},
          kTakes,
          kPicture,
          {"request", Shape::Request, "The API's own body instead of prompt, images, model and parameters.",
           "{ model: wan2.6-t2i, input: { messages: [ { role: user, content: [ { text: A red umbrella } ] } "
           "] } }"},
      }};
  return table;
}

KeyTable const& default_keys() {
  static KeyTable const table{"'defaults'", {kModel, kPrompt, kImages, kParameters, kTakes, kPicture}};
  return table;
}

KeyTable const& override_keys() {
  static KeyTable const table{"an override", {kPrompt, kImages, kModel, kParameters, kPicture}};
  return table;
}

KeyTable const& budget_keys() {
  static KeyTable const table{
      "a budget",
      {
          {"pictures", Shape::Count, "At most so many pictures.", "200"},
          {"cost", Shape::Money, "At most so much money, with its currency.", "40 CNY"},
      }};
  return table;
}

KeyTable const& rows_keys() {
  static KeyTable const table{
      "'rows'",
      {
          {"file", Shape::Text, "A CSV or JSONL file, relative to the manifest.", "products.csv", "", true},
          {"separator",
           Shape::Word,
           "What stands between the cells of a CSV, where it is not found by itself.",
           "\";\"",
           "",
           false,
           {",", ";", "\t", "\\t", "tab"}},
          {"bad",
           Shape::Word,
           "Whether a row whose own data is wrong stops the manifest or is left out.",
           "skip",
           "stop",
           false,
           {"stop", "skip"}},
      }};
  return table;
}

}  // namespace wanspool::yaml
