// SimulatorServer is the face of the Simulator on the command line: it reads options and puts an account on a socket.
//
// It knows Platform and Simulator only. Start at SimulatorCommand.swift.
