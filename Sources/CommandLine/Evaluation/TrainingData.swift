import Formats
import Genera

/// The data that a model was trained on, for `--reference training`.
enum TrainingData {
    /// The word that stands for it.
    static let word = "training"

    /// The path that the options of a model's training name, from here or from where the training was begun.
    ///
    /// - Parameter model: the model's file; nil for samples of no model.
    /// - Throws: `GeneraError` for a model whose data is not known or not there.
    static func path(ofModel model: String?) throws -> String {
        guard let model else {
            throw GeneraError.usage("--reference training needs a model that was trained: name one with --checkpoint.")
        }
        guard let text = try ModelCheckpoint.load(model).metadata[ModelCheckpoint.Key.training] else {
            throw GeneraError.badData(
                file: model, reason: "does not say how it was trained",
                advice: "name real samples with --reference PATH")
        }
        let options = try YAMLOptions(text: text, file: "the training of \(model)")
        guard let data = options["data"]?.text else {
            throw GeneraError.badData(
                file: model, reason: "was trained on no file: its options have no 'data'",
                advice: "name real samples with --reference PATH")
        }
        let start = StartFolder(of: options, in: FileSystem.parent(of: model))
        let path = start?.found(data) ?? data
        guard FileSystem.exists(path) else {
            let places = start.map { " It is neither here nor in \($0.path), where the training was begun." } ?? ""
            throw GeneraError.noInput(
                "\(data), which \(model) was trained on: there is no such file or folder.\(places)",
                advice: "Name real samples with --reference PATH.")
        }
        return path
    }
}
