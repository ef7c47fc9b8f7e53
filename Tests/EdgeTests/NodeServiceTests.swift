import EdgeRuntime
import EdgeService
import Federation
import Hummingbird
import HummingbirdTesting
import Interactions
import Logging
import RecommenderModels
import SeededNoise
import Simulator
import Testing

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
