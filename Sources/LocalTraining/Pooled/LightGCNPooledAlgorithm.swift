public import RecommenderModels
public import SeededRandom
internal import Tensors

/// Pooled training of LightGCN (He et al. 2020) over everybody's graph, users' own vectors fixed at 0.
///
/// With E the items' vectors, I₀ = E, and layers that alternate between the sides, U₁ = Ã I₀, I₂ = Ãᵀ U₁, U₃ = Ã I₂, …, Ã the
/// symmetrically normalised edges, an item is (I₀ + I₂ + …) ∕ (K + 1) and a user (U₁ + U₃ + …) ∕ (K + 1), layers up to K (eq. 7; the layers
/// left out are those that start from users, which are 0). A step takes a batch of edges, draws an item the user has not met for each,
/// passes vectors along all edges, and steps E along the gradient of the mean of −log σ(s_ui − s_uj) + λ/2 (|E_i|² + |E_j|²) by Adam.
public struct LightGCNPooledAlgorithm: PooledAlgorithm {
    private let model: LightGCN
    private let graph: InteractionGraph
    /// The user of each edge, in the order of `graph.users.columns`.
    private let edgeUsers: [Int32]
    private let learningRate: Float
    private let batchSize: Int
    private let workers: Int

    /// E, V × D, Adam's means of it, and how many steps were taken.
    private var items: [Float]
    private var means: [Float]
    private var squares: [Float]
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
        items = Array(parameters[..<(parameters.count / 2)])
        means = [Float](repeating: 0, count: items.count)
        squares = means
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

    /// Layers 0…K by turns of the sides, each rows × D.
    private func layers() async -> [[Float]] {
        var layers = [items]
        for layer in 1...model.configuration.layers {
            layers.append(
                await graph.propagated(layers[layer - 1], to: layer % 2 == 1 ? .users : .items, width: width, workers: workers))
        }
        return layers
    }

    /// (first + third + …) ∕ (K + 1) of the layers from `first` on.
    private func mean(_ layers: [[Float]], from first: Int) -> [Float] {
        var sum = layers[first]
        for layer in stride(from: first + 2, to: layers.count, by: 2) { Kernels.add(layers[layer], to: &sum, count: sum.count) }
        Kernels.scale(&sum, by: 1 / Float(model.configuration.layers + 1), count: sum.count)
        return sum
    }

    /// v, and c so that n^(−½) Σ c_i over a user's items is the user's mean over the layers.
    private func published() async -> [Float] {
        let layers = await layers()
        var context = mean(layers.dropLast((model.configuration.layers + 1) % 2), from: 0)
        for item in 0..<model.itemCount {
            for column in item * width..<(item + 1) * width { context[column] *= graph.items.scales[item] }
        }
        return mean(layers, from: 0) + context
    }

    /// One step of Adam; returns the batch's summed loss.
    private mutating func step(_ batch: ArraySlice<Int>, _ stream: RandomStream) async -> Double {
        let layers = await layers()
        let count = model.configuration.layers
        var slopes = BatchSlopes(users: mean(layers, from: 1), items: mean(layers, from: 0), vectors: items, width: width)
        var numbers = stream.child("negatives")
        for edge in batch {
            let user = Int(edgeUsers[edge])
            slopes.add(
                user: user, item: Int(graph.users.columns[edge]), other: Int(model.itemNotMet(graph.users[user], &numbers)),
                regularization: model.configuration.regularization, weight: 1 / Float(batch.count))
        }
        // Back along the layers: each passes its own slope and that of the layer above it down.
        let share = 1 / Float(count + 1)
        Kernels.scale(&slopes.userSlopes, by: share, count: slopes.userSlopes.count)
        Kernels.scale(&slopes.itemSlopes, by: share, count: slopes.itemSlopes.count)
        var slope = count % 2 == 1 ? slopes.userSlopes : slopes.itemSlopes
        for layer in stride(from: count - 1, through: 0, by: -1) {
            let isUsers = layer % 2 == 1
            slope = await graph.propagated(slope, to: isUsers ? .users : .items, width: width, workers: workers)
            Kernels.add(isUsers ? slopes.userSlopes : slopes.itemSlopes, to: &slope, count: slope.count)
        }
        Kernels.add(slopes.ownSlopes, to: &slope, count: slope.count)
        steps += 1
        Kernels.adamStep(
            rate: learningRate, meanCorrection: 1 / (1 - power(0.9)), squareCorrection: 1 / (1 - power(0.999)), gradient: slope, means: &means,
            squares: &squares, parameters: &items, count: items.count)
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
        ["items": items, "means": means, "squares": squares, "steps": [Float(steps)], "parameters": parameters]
    }

    public mutating func restore(_ state: [String: [Float]]) throws {
        guard let items = state["items"], let means = state["means"], let squares = state["squares"], let count = state["steps"]?.first,
            let parameters = state["parameters"], [items.count, means.count, squares.count].allSatisfy({ $0 == self.items.count }),
            parameters.count == self.parameters.count, count >= 0, count < 0x1p24
        else { throw TrainingError("the checkpoint is not of this model; train anew or use the recipe it was made with") }
        (self.items, self.means, self.squares, self.steps, self.parameters) = (items, means, squares, Int(count), parameters)
    }
}

/// The loss of a batch of pairs and its slopes with respect to the final vectors of both sides, and to items' own vectors.
private struct BatchSlopes {
    let users: [Float]
    let items: [Float]
    let vectors: [Float]
    let width: Int
    var userSlopes: [Float]
    var itemSlopes: [Float]
    var ownSlopes: [Float]
    var loss = 0.0
    private var difference: [Float]

    init(users: [Float], items: [Float], vectors: [Float], width: Int) {
        self.users = users
        self.items = items
        self.vectors = vectors
        self.width = width
        userSlopes = [Float](repeating: 0, count: users.count)
        itemSlopes = [Float](repeating: 0, count: items.count)
        ownSlopes = itemSlopes
        difference = [Float](repeating: 0, count: width)
    }

    mutating func add(user: Int, item: Int, other: Int, regularization λ: Float, weight: Float) {
        let D = width
        users.withUnsafeBufferPointer { users in
            items.withUnsafeBufferPointer { items in
                guard let u = users.baseAddress, let i = items.baseAddress else { return }
                Kernels.subtract(i + item * D, i + other * D, into: &difference, count: D)
                let margin = Kernels.dot(u + user * D, difference, count: D)
                let slope = -Kernels.sigmoid(-margin) * weight
                loss += Double(Kernels.softplus(-margin))
                userSlopes.withUnsafeMutableBufferPointer { Kernels.axpy(slope, difference, to: $0.baseAddress! + user * D, count: D) }
                itemSlopes.withUnsafeMutableBufferPointer { slopes in
                    Kernels.axpy(slope, u + user * D, to: slopes.baseAddress! + item * D, count: D)
                    Kernels.axpy(-slope, u + user * D, to: slopes.baseAddress! + other * D, count: D)
                }
            }
        }
        for row in [item, other] {
            for place in row * D..<(row + 1) * D {
                ownSlopes[place] += weight * λ * vectors[place]
                loss += Double(λ / 2 * vectors[place] * vectors[place])
            }
        }
    }
}
