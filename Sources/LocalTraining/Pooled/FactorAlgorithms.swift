internal import Interactions
internal import RecommenderModels
internal import SeededRandom

extension ModelConfiguration {
    /// The algorithm of a factor model's own.
    func factorAlgorithm(
        users: UserSequences, itemCount: Int, settings: PooledSettings, workers: Int, stream: RandomStream
    ) throws -> any PooledAlgorithm {
        try settings.validate()
        let model = try recommender(itemCount: itemCount)
        let training = users.selecting((0..<users.userCount).filter { users[$0].count >= settings.training.minimumEvents })
        guard training.eventCount > 0 else {
            throw TrainingError("no user has \(settings.training.minimumEvents) training events; import more events or lower minimumEvents")
        }
        let parameters = model.initialParameters(stream.child("initial"))
        switch model {
        case let model as BPRMF:
            return try PooledBPR(model, parameters: parameters, users: training, settings: settings, stream: stream, workers: workers)
        case let model as Item2Vec:
            return try PooledItem2Vec(model, parameters: parameters, users: training, settings: settings, workers: workers)
        case let model as IALS:
            return try PooledIALS(model, parameters: parameters, users: training, workers: workers)
        default: preconditionFailure("the model has no algorithm of its own")
        }
    }
}

extension PooledSettings {
    /// The learning rate of plain gradient descent, which is all that a model's own algorithm knows.
    func plainRate(_ model: String) throws -> Float {
        guard case .sgd(let rate, momentum: 0) = training.optimizer else {
            throw TrainingError("\(model) is trained by its own gradient descent; choose the optimizer sgd without momentum")
        }
        guard gradientClip == nil, averaging == nil else {
            throw TrainingError("\(model) is trained by its own gradient descent; leave out gradient clipping and averaging")
        }
        return rate
    }
}
