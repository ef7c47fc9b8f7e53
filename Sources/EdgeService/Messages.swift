internal import EdgeRuntime
internal import Federation
internal import Hummingbird

/// The body of `POST /v1/recommendations`.
struct HistoryQuestion: Decodable, Sendable {
    /// Public item ids, the oldest first.
    var history: [String]
    var k: Int?
    var explain: Bool?
    var keepSeen: Bool?
}

/// The body of `POST /v1/recommendations/batch`: either users or histories.
struct BatchQuestion: Decodable, Sendable {
    var users: [String]?
    var histories: [[String]]?
    var k: Int?
    var explain: Bool?
    var keepSeen: Bool?
}

/// Answers in the order of the question, each as for one question or with an error of its own.
struct BatchAnswer: ResponseEncodable, Sendable {
    struct Entry: Encodable, Sendable {
        var answer: RecommendationsAnswer?
        var error: ErrorAnswer.Problem?
    }
    var answers: [Entry]
}

/// The body of `POST /v1/events`.
struct EventsMessage: Decodable, Sendable {
    struct Event: Decodable, Sendable {
        var user: String
        var item: String
        /// Milliseconds since 1970-01-01T00:00:00Z; now when absent.
        var time: Int64?
    }
    var events: [Event]
}

struct EventsAnswer: ResponseEncodable, Sendable {
    var recorded: Int
    var repeated: Int
    var newUsers: Int
}

struct RecommendationsAnswer: ResponseEncodable, Sendable {
    struct Model: Encodable, Sendable {
        var round: Int
        var digest: String
    }
    struct Item: Encodable, Sendable {
        var item: String
        var title: String?
        var score: Float
        var because: Because?
        /// Present and true for an item that the model does not know and that was ranked by items like it.
        var new: Bool?
    }
    struct Because: Encodable, Sendable {
        var item: String
        var title: String?
        var gain: Float
    }
    var model: Model
    var knownEvents: Int
    var unknownEvents: Int
    var recommendations: [Item]

    init(_ answer: Recommendations) {
        model = Model(round: answer.model.round, digest: answer.model.digest.hex)
        knownEvents = answer.knownEvents
        unknownEvents = answer.unknownEvents
        recommendations = answer.items.map { item in
            Item(
                item: item.item, title: item.title, score: item.score,
                because: item.because.map { Because(item: $0.item, title: $0.title, gain: $0.gain) }, new: item.isNew ? true : nil)
        }
    }
}

struct HealthAnswer: ResponseEncodable, Sendable {
    var status: String
    var node: String
    var model: RecommendationsAnswer.Model?
    var users: Int
    var events: Int
}

/// The privacy statement of the served model, as it is.
struct PrivacyAnswer: ResponseEncodable, Sendable {
    var statement: PrivacyStatement
    func encode(to encoder: any Encoder) throws { try statement.encode(to: encoder) }
}

/// Every error: a code for programs and a sentence with cause and remedy for people.
struct ErrorAnswer: ResponseEncodable, Sendable {
    struct Problem: Encodable, Sendable {
        var code: String
        var message: String
    }
    var error: Problem
}
