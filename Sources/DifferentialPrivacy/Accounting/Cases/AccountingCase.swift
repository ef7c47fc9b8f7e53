/// A question to the accountants as a row of a file of cases: a mechanism's name and its figures by name.
///
/// Mechanisms and their figures: `gaussian` (sigma, steps, delta), `poisson_subsampled_gaussian` (sigma, q, steps, delta), `heterogeneous` (events, delta),
/// `laplace` (scale_b, steps, delta), `discrete_gaussian` (sigma, sensitivity, steps, delta), `tree_aggregation` (noise_multiplier, delta and steps_per_tree, or
/// total_steps, max_participation and min_separation_between), `toeplitz_matrix_factorization` (steps, bands, min_sep, max_participations, sigma, delta),
/// `amplified_banded_mf` (sigma, q, steps, bands, delta), `fixed_size_without_replacement_gaussian` (sigma, dataset_size, sample_size, steps, delta),
/// `epsilon_to_delta` (sigma, q, steps, epsilon), `calibration` (target_epsilon, delta and two of sigma, q, steps), `rdp_subsampled_gaussian_one_step` (q, sigma, alpha),
/// `zcdp_conversion` (rho, delta), `adaptive_clipping_noise_split` (noise_multiplier, clipped_count_stddev), `distributed_discrete_gaussian` (clients, dim, l2_clip,
/// gamma, local_stddev, beta, steps, delta), `skellam_rdp` (alpha, l1_sensitivity, l2_sensitivity, variance). Other fields are passed over.
public struct AccountingCase: Sendable, Decodable {
    /// One kind of round of a heterogeneous composition.
    struct Event: Sendable {
        var type: String
        var figures: [String: Double]
    }
    public var id: String
    public var mechanism: String
    package var figures: [String: Double]
    package var lists: [String: [Double]]
    var events: [Event]
    /// Fields that are there but are no figures.
    private var unreadable: Set<String> = []

    /// A case with figures alone.
    public init(id: String, mechanism: String, figures: [String: Double]) {
        self.id = id
        self.mechanism = mechanism
        self.figures = figures
        lists = [:]
        events = []
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: Key.self)
        id = (try? row.decode(String.self, forKey: Key(stringValue: "id"))) ?? "?"
        mechanism = (try? row.decode(String.self, forKey: Key(stringValue: "mechanism"))) ?? ""
        figures = [:]
        lists = [:]
        events = []
        for key in row.allKeys {
            if let number = try? row.decode(Double.self, forKey: key) {
                figures[key.stringValue] = number
            } else if let text = try? row.decode(String.self, forKey: key) {
                switch text {
                case "inf", "Infinity": figures[key.stringValue] = .infinity
                case "-inf", "-Infinity": figures[key.stringValue] = -.infinity
                case "nan", "NaN": figures[key.stringValue] = .nan
                default: unreadable.insert(key.stringValue)
                }
            } else if let list = try? row.decode([Double].self, forKey: key) {
                lists[key.stringValue] = list
            } else if key.stringValue == "events" {
                var array = try row.nestedUnkeyedContainer(forKey: key)
                while !array.isAtEnd {
                    let fields = try array.nestedContainer(keyedBy: Key.self)
                    var event = Event(type: (try? fields.decode(String.self, forKey: Key(stringValue: "type"))) ?? "", figures: [:])
                    for field in fields.allKeys {
                        if let number = try? fields.decode(Double.self, forKey: field) {
                            event.figures[field.stringValue] = number
                        } else if let text = try? fields.decode(String.self, forKey: field), text == "NaN" {
                            event.figures[field.stringValue] = .nan
                        }
                    }
                    events.append(event)
                }
            } else {
                unreadable.insert(key.stringValue)
            }
        }
    }

    // MARK: Reading figures

    static func number(_ name: String, in figures: [String: Double], where valid: (Double) -> Bool, _ range: String) throws -> Double {
        guard let value = figures[name] else { throw PrivacyError(.invalidParameter, "\(name) is missing; it must be \(range)") }
        guard valid(value) else { throw PrivacyError(.invalidParameter, "\(name) must be \(range), not \(value)") }
        return value
    }

    private func number(_ name: String, where valid: (Double) -> Bool, _ range: String) throws -> Double {
        if unreadable.contains(name) { throw PrivacyError(.invalidParameter, "\(name) is not a number; it must be \(range)") }
        return try Self.number(name, in: figures, where: valid, range)
    }

    func positive(_ name: String) throws -> Double { try number(name, where: { $0 > 0 && $0.isFinite }, "a positive number") }
    func share(_ name: String) throws -> Double { try number(name, where: { $0 > 0 && $0 <= 1 }, "above 0 and at most 1") }
    func delta() throws -> Double { try number("delta", where: { $0 > 0 && $0 < 1 }, "strictly between 0 and 1") }
    func notNegative(_ name: String) throws -> Double { try number(name, where: { $0 >= 0 && $0.isFinite }, "a number of at least 0") }
    func count(_ name: String, from least: Int = 1) throws -> Int {
        Int(try number(name, where: { $0 >= Double(least) && $0 <= 0x1p40 && $0 == $0.rounded() }, "a whole number of at least \(least)"))
    }
    func has(_ name: String) -> Bool { figures[name] != nil || unreadable.contains(name) }
}

/// What the accountants say to a case.
public struct AccountingAnswer: Sendable, Encodable {
    public enum Value: Sendable, Equatable {
        case number(Double)
        case list([Double])
        case named([String: Double])
    }
    public var id: String
    /// Named as in the file of cases: `epsilon`, `delta`, `sigma`, `accountants`, and the mechanism's own.
    public var values: [String: Value] = [:]
    /// Processor seconds of each accountant that was asked.
    public var seconds: [String: Double] = [:]

    init(id: String) { self.id = id }

    /// A figure by name, when it is one number.
    public subscript(_ name: String) -> Double? {
        if case .number(let number)? = values[name] { number } else { nil }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
    /// A number that JSON can carry; infinities as "inf".
    private struct Number: Encodable {
        var value: Double
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if value.isFinite { try container.encode(value) } else { try container.encode(value.isNaN ? "nan" : value > 0 ? "inf" : "-inf") }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Key.self)
        try row.encode(id, forKey: Key(stringValue: "id"))
        for (name, value) in values {
            switch value {
            case .number(let number): try row.encode(Number(value: number), forKey: Key(stringValue: name))
            case .list(let list): try row.encode(list.map(Number.init), forKey: Key(stringValue: name))
            case .named(let named): try row.encode(named.mapValues(Number.init), forKey: Key(stringValue: name))
            }
        }
    }
}
