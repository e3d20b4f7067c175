import Foundation
import Tensors
import Testing

@testable import Formats

@Suite(.enabled(if: Support.shared != nil)) struct EDMTests {
    private func golden() throws -> String { "\(try #require(Support.shared))/golden/pfgmpp" }

    @Test(
        "Network pickles give every tensor of the reference bit by bit",
        arguments: ["network-snapshot-tiny-proto2.pkl", "network-snapshot-tiny-proto4.pkl", "training-state-000001.pt"])
    func weights(name: String) throws {
        let expected = try Safetensors(path: golden() + "/checkpoint_expected.safetensors")
        let snapshot = try EDMPickle(path: golden() + "/" + name)
        let network = try snapshot.ema()
        let names = expected.names.filter { $0.hasPrefix("w.") }.map { String($0.dropFirst(2)) }
        #expect(Set(network.tensors.map(\.name)) == Set(names) && network.tensors.count == names.count)
        for (name, tensor) in network.tensors {
            let reference = try expected.tensor("w." + name)
            #expect(tensor.shape == reference.shape && tensor.bytes.array() == reference.bytes.array(), "\(name)")
        }
    }

    @Test(
        "Class and constructor options are read beside the weights",
        arguments: ["network-snapshot-tiny-proto2.pkl", "network-snapshot-tiny-proto4.pkl"])
    func options(name: String) throws {
        let snapshot = try EDMPickle(path: golden() + "/" + name)
        let network = try snapshot.ema()
        #expect(network.className == "EDMPrecond" && network.arguments.isEmpty)
        #expect(network.options["img_resolution"]?.int == 8 && network.options["D"]?.int == 128)
        #expect(network.options["model_type"]?.string == "SongUNet" && network.options["dropout"]?.double == 0.1)
        #expect(
            network.options["channel_mult"]?.items?.compactMap(\.int) == [1]
                && network.options["use_fp16"]?.bool == false)
        #expect(try snapshot.augmentPipe() != nil && snapshot.lossFunction() != nil)
        #expect(snapshot.datasetOptions?["path"]?.string == "datasets/tiny.zip")
        Support.expectMessage("a network with its options was looked for under 'net'; the file has") {
            try snapshot.component("net")
        }
    }

    @Test("A training state has its step and the optimiser's moments")
    func trainingState() throws {
        let path = try golden() + "/training-state-000001.pt"
        let archive = try TorchArchive(path: path)
        let expected = try Safetensors(path: golden() + "/checkpoint_expected.safetensors")
        #expect(archive.root["step"]?.int == 1000)
        let state = try archive.stateDictionary(at: ["optimizer_state", "state"])
        for (name, tensor) in state where name.hasSuffix("exp_avg") {
            #expect(tensor.bytes.array() == (try expected.tensor("opt." + name)).bytes.array())
        }
        #expect(state.count >= 6)
        #expect(try EDMPickle(archive).component("net").tensors.count == 71)
    }
}
