require "reg"
