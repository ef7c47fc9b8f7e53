public import RecommenderModels
public import SeededRandom
internal import Tensors

/// Pooled training of LightGCN (He et al. 2020) over everybody's graph.
///
/// With E⁰ the own vectors of users and items, and layers Eᵏ⁺¹ = Ã Eᵏ, Ã the symmetrically normalised edges, a user and an item are the mean of
/// their layers 0…K (eq. 3, 4 and 7). A step takes a batch of edges, draws an item the user has not met for each, passes vectors along all edges, and
/// steps E⁰ along the gradient of the mean of −log σ(s_ui − s_uj) + λ/2 (|E_u|² + |E_i|² + |E_j|²) by Adam.
///
/// What is published serves any history: items as trained, and the user that the items met make alone, an own vector of 0. Users' own vectors
/// are for training: without them, items that the same few users have met cannot be told apart.
public struct LightGCNPooledAlgorithm: PooledAlgorithm {
    private let model: LightGCN
    private let graph: InteractionGraph
    /// The user of each edge, in the order of `graph.users.columns`.
    private let edgeUsers: [Int32]
    private let learningRate: Float
    private let batchSize: Int
    private let workers: Int

    /// E⁰ with Adam's means of it, and how many steps were taken.
    private var own: GraphSides
    private var means: GraphSides
    private var squares: GraphSides
    private var steps = 0
    /// As drawn before the first pass; then what the items' vectors have become along the edges.
    public private(set) var parameters: [Float]

    /// - Parameters:
    ///   - users: training events of each user.
    ///   - settings: adam with its rate; the batch size is in edges. A step costs a pass over all edges and layers, so that thousands
    ///     are usual.
    ///   - stream: names the initial vectors.
    /// - Throws: `TrainingError` when there is nothing to train on.
    public init(
        model: LightGCN, users: [ArraySlice<Int32>], settings: PooledSettings, workers: Int, stream: RandomStream
    ) throws {
        guard case .adam(let learningRate) = settings.training.optimizer, settings.schedule == .constant, settings.gradientClip == nil,
            settings.averaging == nil
        else {
            throw TrainingError("LightGCN trains with the optimiser adam at a constant rate, without clipping or averaging; leave the others out")
        }
        // Users who have met everything have no item to rank below, and those without events no edge.
        let users = users.filter { !$0.isEmpty && Set($0).count < model.itemCount }
        guard !users.isEmpty else { throw TrainingError("there are no training events; give data with events before the held-out ones") }
        self.model = model
        let graph = InteractionGraph(users, itemCount: model.itemCount)
        self.graph = graph
        edgeUsers = (0..<graph.users.count).flatMap { user in graph.users[user].map { _ in Int32(user) } }
        self.learningRate = learningRate
        batchSize = settings.training.batchSize
        self.workers = max(1, workers)
        parameters = model.initialParameters(stream)
        let D = model.configuration.dimension
        // Drawn like the items'.
        let limit = (3 / Float(D)).squareRoot()
        var numbers = stream.child("users")
        own = GraphSides(
            users: (0..<graph.users.count * D).map { _ in (2 * numbers.uniformFloat() - 1) * limit },
            items: Array(parameters[..<(parameters.count / 2)]))
        means = own.zeros
        squares = own.zeros
    }

    private var width: Int { model.configuration.dimension }

    public mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
        var order = Array(edgeUsers.indices)
        var numbers = stream.child("shuffle").child(epoch)
        numbers.shuffle(&order)
        var total = LossSum()
        for start in stride(from: 0, to: order.count, by: batchSize) {
            try Task.checkCancellation()
            let batch = order[start..<min(start + batchSize, order.count)]
            let loss = await step(batch, stream.child("step").child(steps))
            guard loss.isFinite else {
                throw TrainingError("training diverged in epoch \(epoch + 1): the loss is no longer finite; lower the learning rate (\(learningRate))")
            }
            total += LossSum(loss: loss, targets: batch.count)
        }
        parameters = await published()
        return total
    }

    /// The mean over the layers 0…K of both sides. It is its own transpose, so that slopes go back through it as vectors go forward.
    private func spread(_ first: GraphSides) async -> GraphSides {
        var (layer, sum) = (first, first)
        for _ in 0..<model.configuration.layers {
            layer = GraphSides(
                users: await graph.propagated(layer.items, to: .users, width: width, workers: workers),
                items: await graph.propagated(layer.users, to: .items, width: width, workers: workers))
            Kernels.add(layer.users, to: &sum.users, count: sum.users.count)
            Kernels.add(layer.items, to: &sum.items, count: sum.items.count)
        }
        let share = 1 / Float(model.configuration.layers + 1)
        Kernels.scale(&sum.users, by: share, count: sum.users.count)
        Kernels.scale(&sum.items, by: share, count: sum.items.count)
        return sum
    }

    /// v, and c so that n^(−½) Σ c_i over a history's items is the mean over the layers of a user without an own vector.
    private func published() async -> [Float] {
        let layers = model.configuration.layers
        // What reaches such a user in layer k is what its items were in layer k − 1, which is 0 for every other k.
        var (layer, context) = (own.items, own.items)
        for _ in stride(from: 2, to: layers, by: 2) {
            let users = await graph.propagated(layer, to: .users, width: width, workers: workers)
            layer = await graph.propagated(users, to: .items, width: width, workers: workers)
            Kernels.add(layer, to: &context, count: context.count)
        }
        for item in 0..<model.itemCount {
            let factor = graph.items.scales[item] / Float(layers + 1)
            for column in item * width..<(item + 1) * width { context[column] *= factor }
        }
        return await spread(own).items + context
    }

    /// One step of Adam; returns the batch's summed loss.
    private mutating func step(_ batch: ArraySlice<Int>, _ stream: RandomStream) async -> Double {
        var slopes = BatchSlopes(final: await spread(own), own: own, width: width)
        var numbers = stream.child("negatives")
        for edge in batch {
            let user = Int(edgeUsers[edge])
            slopes.add(
                user: user, item: Int(graph.users.columns[edge]), other: Int(model.itemNotMet(graph.users[user], &numbers)),
                regularization: model.configuration.regularization, weight: 1 / Float(batch.count))
        }
        var gradient = await spread(slopes.finalSlopes)
        Kernels.add(slopes.ownSlopes.users, to: &gradient.users, count: gradient.users.count)
        Kernels.add(slopes.ownSlopes.items, to: &gradient.items, count: gradient.items.count)
        steps += 1
        let (meanCorrection, squareCorrection) = (1 / (1 - power(0.9)), 1 / (1 - power(0.999)))
        Kernels.adamStep(
            rate: learningRate, meanCorrection: meanCorrection, squareCorrection: squareCorrection, gradient: gradient.users,
            means: &means.users, squares: &squares.users, parameters: &own.users, count: own.users.count)
        Kernels.adamStep(
            rate: learningRate, meanCorrection: meanCorrection, squareCorrection: squareCorrection, gradient: gradient.items,
            means: &means.items, squares: &squares.items, parameters: &own.items, count: own.items.count)
        return slopes.loss
    }

    /// base to the number of steps.
    private func power(_ base: Double) -> Float {
        var (result, factor, left) = (1.0, base, steps)
        while left > 0 {
            if left % 2 == 1 { result *= factor }
            factor *= factor
            left /= 2
        }
        return Float(result)
    }

    public var state: [String: [Float]] {
        [
            "items": own.items, "means": means.items, "squares": squares.items, "users": own.users, "user means": means.users,
            "user squares": squares.users, "steps": [Float(steps)], "parameters": parameters,
        ]
    }

    public mutating func restore(_ state: [String: [Float]]) throws {
        let (V, U) = (own.items.count, own.users.count)
        func sides(_ users: String, _ items: String) throws -> GraphSides {
            GraphSides(users: try state.tensor(users, count: U), items: try state.tensor(items, count: V))
        }
        let (own, means, squares) = (try sides("users", "items"), try sides("user means", "means"), try sides("user squares", "squares"))
        let parameters = try state.tensor("parameters", count: parameters.count)
        let count = try state.tensor("steps", count: 1)[0]
        guard count >= 0, count < 0x1p24 else {
            throw TrainingError("the checkpoint was taken after \(count) steps, which cannot be; train anew or use the recipe it was made with")
        }
        (self.own, self.means, self.squares, self.steps, self.parameters) = (own, means, squares, Int(count), parameters)
    }
}

/// Vectors of both sides of the graph: rows × D.
struct GraphSides: Sendable {
    var users: [Float]
    var items: [Float]

    var zeros: GraphSides {
        GraphSides(users: [Float](repeating: 0, count: users.count), items: [Float](repeating: 0, count: items.count))
    }
}

/// The loss of a batch of pairs and its slopes with respect to final and to own vectors.
private struct BatchSlopes {
    let final: GraphSides
    let own: GraphSides
    let width: Int
    var finalSlopes: GraphSides
    var ownSlopes: GraphSides
    var loss = 0.0
    private var difference: [Float]

    init(final: GraphSides, own: GraphSides, width: Int) {
        self.final = final
        self.own = own
        self.width = width
        finalSlopes = final.zeros
        ownSlopes = final.zeros
        difference = [Float](repeating: 0, count: width)
    }

    mutating func add(user: Int, item: Int, other: Int, regularization λ: Float, weight: Float) {
        let D = width
        final.users.withUnsafeBufferPointer { users in
            final.items.withUnsafeBufferPointer { items in
                guard let u = users.baseAddress, let i = items.baseAddress else { return }
                Kernels.subtract(i + item * D, i + other * D, into: &difference, count: D)
                let margin = Kernels.dot(u + user * D, difference, count: D)
                let slope = -Kernels.sigmoid(-margin) * weight
                loss += Double(Kernels.softplus(-margin))
                finalSlopes.users.withUnsafeMutableBufferPointer { Kernels.axpy(slope, difference, to: $0.baseAddress! + user * D, count: D) }
                finalSlopes.items.withUnsafeMutableBufferPointer { slopes in
                    Kernels.axpy(slope, u + user * D, to: slopes.baseAddress! + item * D, count: D)
                    Kernels.axpy(-slope, u + user * D, to: slopes.baseAddress! + other * D, count: D)
                }
            }
        }
        for row in [item, other] { loss += Self.shrink(row * D..<(row + 1) * D, of: own.items, λ, weight, &ownSlopes.items) }
        loss += Self.shrink(user * D..<(user + 1) * D, of: own.users, λ, weight, &ownSlopes.users)
    }

    /// λ/2 |x|² of a row, whose slope is added.
    private static func shrink(_ row: Range<Int>, of vectors: [Float], _ λ: Float, _ weight: Float, _ slopes: inout [Float]) -> Double {
        var loss = 0.0
        for place in row {
            slopes[place] += weight * λ * vectors[place]
            loss += Double(λ / 2 * vectors[place] * vectors[place])
        }
        return loss
    }
}
