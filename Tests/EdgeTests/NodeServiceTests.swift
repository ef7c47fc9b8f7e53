import EdgeRuntime
import EdgeService
import Federation
import Foundation
import Hummingbird
import HummingbirdTesting
import Interactions
import Logging
import RecommenderModels
import SeededNoise
import Simulator
import Testing

/// The part of an answer that ranks.
private struct RankedAnswer: Decodable {
    struct Item: Decodable, Hashable {
        var item: String
        var score: Float
    }
    var recommendations: [Item]
}

@Suite("The node's HTTP service") struct NodeServiceTests {
    private func withClient(served: Bool = true, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let storage = try await SmallFederation.storage()
        let shelf = ModelShelf()
        if served {
            let plan = try SmallFederation.plan(SmallFederation.off)
            let recommender = try plan.recommender()
            let model = ModelReference(round: 5, digest: Digest(of: [1]), byteCount: 1)
            await shelf.replace(
                with: RecommendationEngine(
                    plan: plan.digest, model: model, catalog: try SmallFederation.catalog(), recommender: recommender,
                    parameters: ModelVersion(initialFor: plan, recommender: recommender).parameters))
        }
        let desk = RecommendationDesk(storage: storage, shelf: shelf, clock: ImpatientClock())
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let service = NodeHTTPService(desk: desk, node: "berlin", address: address, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await service.application().test(.router, body)
    }

    private let json: HTTPFields = [.contentType: "application/json"]

    @Test("A known user gets titled items that were not seen, from the served version")
    func knownUser() async throws {
        try await withClient { client in
            let response = try await client.execute(uri: "/v1/recommendations?user=person-1&k=3&explain=true", method: .get)
            let text = String(buffer: response.body)
            #expect(response.status == .ok)
            #expect(text.contains("\"round\":5") && text.contains("Item number") && !text.contains("\"item\":\"item-5\",\"score\""))
        }
    }

    @Test("A posted history is answered, and unknown items in it are counted")
    func history() async throws {
        let headers = json
        try await withClient { client in
            let body = ByteBuffer(string: "{\"history\": [\"item-1\", \"nothing\"], \"k\": 2}")
            let response = try await client.execute(uri: "/v1/recommendations", method: .post, headers: headers, body: body)
            #expect(response.status == .ok)
            #expect(String(buffer: response.body).contains("\"unknownEvents\":1"))
        }
    }

    @Test("A new event changes the next answer, without training: for a known user and for one who came just now")
    func newEvents() async throws {
        let headers = json
        try await withClient { client in
            for user in ["person-1", "newcomer"] {
                func post(_ item: String, at time: Int) async throws {
                    let event = ByteBuffer(string: "{\"events\": [{\"user\": \"\(user)\", \"item\": \"\(item)\", \"time\": \(time)}]}")
                    let response = try await client.execute(uri: "/v1/events", method: .post, headers: headers, body: event)
                    #expect(response.status == .ok)
                }
                func answer() async throws -> [RankedAnswer.Item] {
                    let response = try await client.execute(uri: "/v1/recommendations?user=\(user)&k=12&keepSeen=true", method: .get)
                    #expect(response.status == .ok)
                    return try JSONDecoder().decode(RankedAnswer.self, from: Data(response.body.readableBytesView)).recommendations
                }
                try await post("item-2", at: 900_000)
                let before = try await answer()
                try await post("item-9", at: 900_001)
                let after = try await answer()
                #expect(before.count == 12 && after.count == 12 && before != after)
            }
        }
    }

    @Test("An empty history, one longer than the model reads, and more items than there are, are answered")
    func unusualQuestions() async throws {
        let headers = json
        let long = (0..<5000).map { "\"item-\($0 % 12)\"" }.joined(separator: ",")
        try await withClient { client in
            for (history, count) in [("", 12), ("\"item-3\"", 11), ("\"unknown\"", 12), (long, 0)] {
                let body = ByteBuffer(string: "{\"history\": [\(history)], \"k\": 1000, \"explain\": true}")
                let response = try await client.execute(uri: "/v1/recommendations", method: .post, headers: headers, body: body)
                #expect(response.status == .ok)
                #expect(String(buffer: response.body).components(separatedBy: "\"score\"").count - 1 == count)
            }
        }
    }

    @Test("Many users or histories are answered at once, each with its own answer or error")
    func batches() async throws {
        let headers = json
        try await withClient { client in
            func ask(_ body: String) async throws -> (status: Int, text: String) {
                let response = try await client.execute(
                    uri: "/v1/recommendations/batch", method: .post, headers: headers, body: ByteBuffer(string: body))
                return (response.status.code, String(buffer: response.body))
            }
            let users = try await ask("{\"users\": [\"person-1\", \"nobody\", \"person-2\"], \"k\": 2}")
            #expect(users.status == 200 && users.text.components(separatedBy: "\"score\"").count - 1 == 4 && users.text.contains("no events of that user"))
            let histories = try await ask("{\"histories\": [[\"item-1\"], []], \"k\": 3}")
            #expect(histories.status == 200 && histories.text.components(separatedBy: "\"score\"").count - 1 == 6)
            for bad in ["{}", "{\"users\": [], \"histories\": []}", "{\"users\": [\"\"]}", "{\"histories\": [[]], \"k\": 0}", "nonsense"] {
                #expect(try await ask(bad).status == 400)
            }
        }
    }

    @Test("Events are recorded once")
    func events() async throws {
        let headers = json
        try await withClient { client in
            let body = ByteBuffer(string: "{\"events\": [{\"user\": \"new\", \"item\": \"item-3\", \"time\": 9}]}")
            for expected in ["\"recorded\":1", "\"repeated\":1"] {
                let response = try await client.execute(uri: "/v1/events", method: .post, headers: headers, body: body)
                #expect(response.status == .ok && String(buffer: response.body).contains(expected))
            }
            let health = try await client.execute(uri: "/v1/health", method: .get)
            #expect(String(buffer: health.body).contains("\"users\":31"))
        }
    }

    @Test(
        "Bad questions get a status and a JSON body with the cause",
        arguments: [
            ("/v1/recommendations", 400, "for whom"), ("/v1/recommendations?user=nobody", 404, "no events of that user"),
            ("/v1/recommendations?user=person-1&k=0", 400, "k must be in"), ("/v1/recommendations?user=person-1&k=ten", 400, "whole number"),
            ("/v1/recommendations?user=person-1&top=3", 400, "Unknown parameter"),
        ])
    func badQuestions(uri: String, status: Int, cause: String) async throws {
        try await withClient { client in
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.status.code == status)
            let text = String(buffer: response.body)
            #expect(text.contains("\"error\"") && text.contains(cause), "\(text)")
        }
    }

    @Test("Before the first model the service says that it waits for one")
    func noModel() async throws {
        try await withClient(served: false) { client in
            let response = try await client.execute(uri: "/v1/recommendations?user=person-1", method: .get)
            #expect(response.status == .serviceUnavailable)
        }
    }

    @Test("A web page cannot post: not without a JSON body")
    func crossSite() async throws {
        try await withClient { client in
            let response = try await client.execute(
                uri: "/v1/events", method: .post, headers: [.contentType: "text/plain"], body: ByteBuffer(string: "{\"events\": []}"))
            #expect(response.status == .unsupportedMediaType)
        }
    }

    @Test("Only loopback addresses are taken for loopback")
    func addresses() {
        #expect(ListenAddress("127.0.0.1:80")?.isLoopback == true)
        #expect(ListenAddress("[::1]:80")?.isLoopback == true)
        #expect(ListenAddress("localhost:80")?.isLoopback == true)
        #expect(ListenAddress("0.0.0.0:80")?.isLoopback == false)
        #expect(ListenAddress("127.evil.example:80")?.isLoopback == false)
        #expect(ListenAddress("no port") == nil && ListenAddress("::1:80") == nil && ListenAddress("a:70000") == nil)
    }
}
