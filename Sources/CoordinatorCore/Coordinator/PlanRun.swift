import Federation
import RecommenderModels
import SecureAggregation
import Tensors

/// A plan that runs or ran last, as the coordinator holds it in memory.
struct PlanRun {
    let record: PlanRecord
    let plan: Plan
    let layout: ParameterLayout
    let catalogByteCount: Int
    var machine: RoundMachine
    /// The round whose updates are to be summed.
    var roundToAggregate: RoundNumber?
    /// Who may take part in secure aggregation; fixed when the plan began.
    var roster: Roster?
    /// The open round's secure aggregation, and the one before.
    var secureRound: SecureRound?
    var finishedRound: SecureRound?
    /// Set by the operator; told to the nodes once the plan is over.
    var promotedModel: ModelReference?

    var digest: Digest { machine.planDigest }
    var codec: UpdateCodec { UpdateCodec(modulusBits: plan.privacy.grid.modulusBits) }
    var isOver: Bool {
        if case .ended = machine.phase { true } else { false }
    }
    /// What nodes should serve from; the initial model is not worth serving.
    var modelToServe: ModelReference? {
        if isOver, let promotedModel { return promotedModel }
        return machine.newestModel.round > 0 ? machine.newestModel : nil
    }
}
