import FirebaseFunctions

func search(_ words: String) async throws -> [[String: Any]] {
  let functions = Functions.functions(region: "us-central1")  // the `region` of crm.toml
  do {
    let search = functions.httpsCallable("search_customers")
    let answer = try await search.call(["q": words, "pageSize": 10])
    let page = answer.data as? [String: Any]
    return page?["customers"] as? [[String: Any]] ?? []
  } catch let error as NSError where error.domain == FunctionsErrorDomain {
    let details = error.userInfo[FunctionsErrorDetailsKey] as? [String: Any]
    print(details?["reason"] ?? error.localizedDescription)
    throw error
  }
}
