internal import EdgeRuntime
internal import Federation
internal import Hummingbird

/// The node's questions and answers over HTTP; `docs/guides/run-a-node.md` describes them for application developers.
struct NodeRoutes: Sendable {
    let desk: RecommendationDesk
    let node: String

    /// The longest user or item id taken, in bytes.
    static let longestIdentifier = 1024
    static let mostEvents = 10_000
    static let longestHistory = 10_000

    func router(checksHost: Bool) -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorAnswers())
        router.add(middleware: LocalCallersOnly(checksHost: checksHost))
        router.get("v1/recommendations") { request, _ in try await forUser(request) }
        router.post("v1/recommendations") { request, context in try await forHistory(request, context) }
        router.post("v1/recommendations/batch") { request, context in try await forMany(request, context) }
        router.post("v1/events") { request, context in try await record(request, context) }
        router.get("v1/health") { _, _ in try await health() }
        router.get("v1/privacy") { _, _ in PrivacyAnswer(statement: try await desk.privacyStatement()) }
        return router
    }

    private func forUser(_ request: Request) async throws -> RecommendationsAnswer {
        let parameters = request.uri.queryParameters
        let allowed: Set<Substring> = ["user", "k", "explain", "keepSeen"]
        if let unknown = parameters.first(where: { !allowed.contains($0.key) }) {
            throw HTTPError(.badRequest, message: "Unknown parameter `\(unknown.key)`; known are user, k, explain, keepSeen.")
        }
        guard let user = parameters["user"].map(String.init) else {
            throw HTTPError(.badRequest, message: "Say for whom: /v1/recommendations?user=ID&k=10")
        }
        try check(user, "user")
        var count = 10
        if let text = parameters["k"] {
            guard let number = Int(text) else { throw HTTPError(.badRequest, message: "k must be a whole number, not `\(text)`.") }
            count = number
        }
        return RecommendationsAnswer(
            try await desk.recommend(
                user: user, count: try checked(count), keepsSeen: try flag(parameters["keepSeen"], "keepSeen"),
                explains: try flag(parameters["explain"], "explain")))
    }

    private func forHistory(_ request: Request, _ context: BasicRequestContext) async throws -> RecommendationsAnswer {
        let question = try await request.decode(as: HistoryQuestion.self, context: context)
        try check(question.history)
        return RecommendationsAnswer(
            try await desk.recommend(
                history: question.history, count: try checked(question.k ?? 10), keepsSeen: question.keepSeen ?? false,
                explains: question.explain ?? false))
    }

    private func forMany(_ request: Request, _ context: BasicRequestContext) async throws -> BatchAnswer {
        let question = try await request.decode(as: BatchQuestion.self, context: context)
        let count = try checked(question.k ?? 10)
        let (keepsSeen, explains) = (question.keepSeen ?? false, question.explain ?? false)
        switch (question.users, question.histories) {
        case (let users?, nil):
            for user in users { try check(user, "user") }
            let answers = try await desk.recommend(users: users, count: count, keepsSeen: keepsSeen, explains: explains)
            return BatchAnswer(
                answers: answers.map { answer in
                    guard let answer else { return .init(error: .init(code: "notFound", message: "This node has no events of that user.")) }
                    return .init(answer: RecommendationsAnswer(answer))
                })
        case (nil, let histories?):
            for history in histories { try check(history) }
            let answers = try await desk.recommend(histories: histories, count: count, keepsSeen: keepsSeen, explains: explains)
            return BatchAnswer(answers: answers.map { .init(answer: RecommendationsAnswer($0)) })
        default: throw HTTPError(.badRequest, message: "Send either users, a list of ids, or histories, a list of lists of item ids.")
        }
    }

    private func record(_ request: Request, _ context: BasicRequestContext) async throws -> EventsAnswer {
        let message = try await request.decode(as: EventsMessage.self, context: context)
        guard !message.events.isEmpty, message.events.count <= Self.mostEvents else {
            throw HTTPError(.badRequest, message: "Send 1 to \(Self.mostEvents) events at once, not \(message.events.count).")
        }
        for event in message.events {
            try check(event.user, "user")
            try check(event.item, "item")
        }
        let recorded = try await desk.record(message.events.map { NodeEvent(user: $0.user, item: $0.item, time: $0.time) })
        return EventsAnswer(recorded: recorded.events, repeated: recorded.repeated, newUsers: recorded.newUsers)
    }

    private func health() async throws -> HealthAnswer {
        let health = try await desk.health()
        return HealthAnswer(
            status: health.model == nil ? "waiting for a model" : "serving", node: node,
            model: health.model.map { .init(round: $0.round, digest: $0.digest.hex) }, users: health.statistics.users,
            events: health.statistics.events)
    }

    private func checked(_ count: Int) throws -> Int {
        guard (1...RecommendationDesk.maximumCount).contains(count) else {
            throw HTTPError(.badRequest, message: "k must be in 1…\(RecommendationDesk.maximumCount), not \(count).")
        }
        return count
    }

    private func check(_ history: [String]) throws {
        guard history.count <= Self.longestHistory else {
            throw HTTPError(.badRequest, message: "A history has at most \(Self.longestHistory) items; send the most recent ones.")
        }
        for item in history { try check(item, "history item") }
    }

    private func check(_ identifier: String, _ what: String) throws {
        guard (1...Self.longestIdentifier).contains(identifier.utf8.count) else {
            throw HTTPError(.badRequest, message: "A \(what) id has 1 to \(Self.longestIdentifier) bytes, not \(identifier.utf8.count).")
        }
    }

    private func flag(_ text: Substring?, _ name: String) throws -> Bool {
        switch text {
        case nil, "false", "0": false
        case "true", "1", "": true
        default: throw HTTPError(.badRequest, message: "\(name) must be true or false.")
        }
    }
}
